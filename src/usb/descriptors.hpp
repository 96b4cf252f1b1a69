// SPDX-License-Identifier: ISC
// Every descriptor of the device, as it travels: USB 2.0 chapter 9, DFU 1.1 section 4.2, WebUSB section 4, Microsoft OS
// descriptors 1.0 and 2.0. Together they make the device work without a driver on any system.
#pragma once

#include <string_view>

#include "usb/chapter9.hpp"
#include "usb/packed.hpp"

namespace usb {

/** What differs from device to device. */
struct Identity {
    std::uint16_t vendor_id;
    std::uint16_t product_id;
    std::string_view vendor;  ///< UTF-8, like the other strings
    std::string_view product;
    std::string_view interface;
    std::string_view refused_settings[2];  ///< names of alternate settings 0 and 1, if they are places and no dummies
    std::string_view landing_page;
    std::uint8_t dfu_attributes;  ///< bmAttributes of the DFU functional descriptor
    std::uint16_t transfer_size;
    std::uint8_t alternate;    ///< the alternate setting that speaks DFU; those before it are dummies
    std::uint16_t bcd_device;  ///< the bootloader's version
    bool microsoft_os_10;
    bool high_memory;        ///< layout
    std::uint8_t page_size;  ///< of the flash, in KiB
    std::uint32_t application_base;
    std::uint32_t application_end;  ///< first address past the application's flash
};

/** bRequest of every vendor request: WebUSB and both Microsoft sets tell each other apart by wIndex. */
inline constexpr std::uint8_t vendor_code = 0x20;

namespace vendor_index {
inline constexpr std::uint16_t WEBUSB_GET_URL = 2;          // WebUSB section 4.2
inline constexpr std::uint16_t MS_OS_10_COMPATIBLE_ID = 4;  // Microsoft OS 1.0, extended compat ID
inline constexpr std::uint16_t MS_OS_20_DESCRIPTOR = 7;     // Microsoft OS 2.0, table 8
}  // namespace vendor_index

/** The key of a descriptor: wValue of GET_DESCRIPTOR, or wIndex of a vendor request with this high byte. */
inline constexpr std::uint16_t vendor_key = 0xF000;
constexpr std::uint16_t descriptor_key(unsigned type, unsigned index = 0) {
    return static_cast<std::uint16_t>(type << 8 | index);
}

/** String descriptor indexes. */
inline constexpr std::uint8_t string_vendor = 1, string_product = 2, string_serial = 3, string_interface = 4,
                              string_refused = 5;
inline constexpr std::uint8_t string_microsoft = 0xEE;

namespace wire {

using Descriptor = Bytes<512>;

/** UTF-8 to UTF-16LE, both ends unterminated. */
constexpr Descriptor utf16(std::string_view text) {
    Descriptor out;
    for (std::size_t i = 0; i < text.size();) {
        const unsigned lead = static_cast<unsigned char>(text[i++]);
        unsigned code = lead < 0x80 ? lead : lead < 0xE0 ? lead & 0x1Fu : lead < 0xF0 ? lead & 0x0Fu : lead & 0x07u;
        for (unsigned more = lead < 0xC0 ? 0u : lead < 0xE0 ? 1u : lead < 0xF0 ? 2u : 3u; more != 0; --more) {
            code = code << 6 | (static_cast<unsigned char>(text[i++]) & 0x3Fu);
        }
        if (code >= 0x1'0000) {
            out.append16(0xD800 + ((code - 0x1'0000) >> 10)).append16(0xDC00 + (code & 0x3FF));
        } else {
            out.append16(code);
        }
    }
    return out;
}

constexpr Descriptor string(std::string_view text) {
    const auto characters = utf16(text);
    Descriptor out(characters.size + 2, descriptor_type::STRING);
    return out.append(characters);
}

constexpr Descriptor device(const Identity& id) {
    Descriptor out(18, descriptor_type::DEVICE);
    out.append16(0x0210);                            // bcdUSB: 2.10 announces a BOS
    out.append(Bytes<4>(0, 0, 0, max_packet_size));  // class, subclass, protocol: in the interface
    out.append16(id.vendor_id).append16(id.product_id).append16(id.bcd_device);
    return out.append(Bytes<4>(string_vendor, string_product, string_serial, 1));
}

constexpr Descriptor configuration(const Identity& id) {
    const unsigned settings = id.alternate + 1u;
    Descriptor out(9, descriptor_type::CONFIGURATION);
    out.append16(9 + 9 * settings + 9);
    out.append(Bytes<5>(1, 1, 0, 0x80, 100 / 2));  // one interface, value 1, bus-powered, 100 mA
    for (unsigned setting = 0; setting < settings; ++setting) {
        const bool refused = setting < id.alternate && setting < 2 && !id.refused_settings[setting].empty();
        out.append(Bytes<9>(9, descriptor_type::INTERFACE, 0, setting, 0, 0xFE, 1, 2,
                            refused ? string_refused + setting : string_interface));
    }
    out.append(Bytes<3>(9, descriptor_type::DFU_FUNCTIONAL, id.dfu_attributes));
    return out.append16(255).append16(id.transfer_size).append16(0x0110);  // wDetachTimeout in ms, …, bcdDFUVersion
}

constexpr Descriptor bos(const Identity& id) {
    // UUIDs as the documents print them, in the byte order of the wire.
    constexpr Bytes<16> webusb_uuid(0x38, 0xB6, 0x08, 0x34, 0xA9, 0x09, 0xA0, 0x47, 0x8B, 0xFD, 0xA0, 0x76, 0x88, 0x15,
                                    0xB6, 0x65);
    constexpr Bytes<16> microsoft_uuid(0xDF, 0x60, 0xDD, 0xD8, 0x89, 0x45, 0xC7, 0x4C, 0x9C, 0xD2, 0x65, 0x9D, 0x9E,
                                       0x64, 0x8A, 0x9F);
    constexpr Bytes<16> dapboot_uuid(0xD5, 0x27, 0x61, 0xA1, 0x8D, 0x52, 0xA7, 0x4D, 0x82, 0x81, 0x59, 0xD9, 0xA9, 0x11,
                                     0xF8, 0xC4);
    constexpr std::uint8_t PLATFORM = 5;
    Descriptor out(5, descriptor_type::BOS);
    out.append16(5 + 24 + 28 + 32).append(3);
    out.append(Bytes<4>(24, descriptor_type::DEVICE_CAPABILITY, PLATFORM, 0)).append(webusb_uuid);
    out.append16(0x0100).append(vendor_code).append(1);  // bcdVersion, bVendorCode, iLandingPage
    out.append(Bytes<4>(28, descriptor_type::DEVICE_CAPABILITY, PLATFORM, 0)).append(microsoft_uuid);
    out.append16(0x0000).append16(0x0603);  // dwWindowsVersion: Windows 8.1 (0x06030000)
    out.append16(162).append(vendor_code).append(0);
    out.append(Bytes<4>(32, descriptor_type::DEVICE_CAPABILITY, PLATFORM, 0)).append(dapboot_uuid);
    out.append16(0x0100).append(id.high_memory).append(id.page_size);  // docs/capability.md
    return out.append32(id.application_base).append32(id.application_end);
}

/** WebUSB section 4.3.1. */
constexpr Descriptor landing_page(std::string_view url) {
    constexpr std::uint8_t WEBUSB_URL = 3, https = 1;
    Descriptor out(url.size() + 3, WEBUSB_URL, https);
    for (const char c : url)
        out.append(static_cast<std::uint8_t>(c));
    return out;
}

constexpr Descriptor zeroes(std::size_t count) {
    Descriptor out;
    while (out.size < count)
        out.append(0);
    return out;
}

/** "MSFT100" and the vendor code: what Windows asks first of a device that it does not know. */
constexpr Descriptor microsoft_os_string() {
    Descriptor out(18, descriptor_type::STRING);
    return out.append(utf16("MSFT100")).append16(vendor_code);
}

constexpr Descriptor compatible_id() {
    return Descriptor('W', 'I', 'N', 'U', 'S', 'B', 0, 0);
}

/** Microsoft OS 1.0, extended compat ID: header of 16 bytes and one function of 24. */
constexpr Descriptor microsoft_os_10() {
    Descriptor out(40, 0, 0, 0);
    out.append16(0x0100).append16(vendor_index::MS_OS_10_COMPATIBLE_ID).append(1).append(zeroes(7));
    return out.append(0).append(1).append(compatible_id()).append(zeroes(8 + 6));
}

/** Microsoft OS 2.0: the compatible ID, and the interface GUID by which WinUSB and libusb find the device. */
constexpr Descriptor microsoft_os_20() {
    constexpr std::string_view name = "DeviceInterfaceGUIDs", guid = "{7A0F2E51-3C94-4B6D-9D1B-5E8C0A6F4D27}";
    constexpr unsigned name_size = 2 * (name.size() + 1),
                       guids_size = 2 * (guid.size() + 2);  // a list ends twice
    constexpr unsigned property_size = 10 + name_size + guids_size, total = 10 + 20 + property_size;
    static_assert(total == 162);
    Descriptor out(10, 0, 0, 0);
    out.append16(0x0000).append16(0x0603).append16(total);
    out.append16(20).append16(3).append(compatible_id()).append(zeroes(8));  // MS_OS_20_FEATURE_COMPATBLE_ID
    out.append16(property_size).append16(4).append16(7);                     // MS_OS_20_FEATURE_REG_PROPERTY, MULTI_SZ
    out.append16(name_size).append(utf16(name)).append16(0);
    return out.append16(guids_size).append(utf16(guid)).append16(0).append16(0);
}

}  // namespace wire

/** All descriptors but the serial number: for each its key, as the core reads a half-word, and the packed descriptor;
 * then a key of 0, which none has. */
constexpr Bytes<4096> packed_table(const Identity& id) {
    Bytes<4096> table;
    const auto add = [&](unsigned key, const wire::Descriptor& plain) { table.append16(key).append(pack(plain)); };
    using namespace descriptor_type;
    add(descriptor_key(DEVICE), wire::device(id));
    add(descriptor_key(CONFIGURATION), wire::configuration(id));
    add(descriptor_key(BOS), wire::bos(id));
    add(descriptor_key(STRING), wire::Descriptor(4, STRING, 0x09, 0x04));  // English (United States)
    add(descriptor_key(STRING, string_vendor), wire::string(id.vendor));
    add(descriptor_key(STRING, string_product), wire::string(id.product));
    add(descriptor_key(STRING, string_interface), wire::string(id.interface));
    for (unsigned setting = 0; setting < 2; ++setting) {
        if (!id.refused_settings[setting].empty())
            add(descriptor_key(STRING, string_refused + setting), wire::string(id.refused_settings[setting]));
    }
    if (id.microsoft_os_10) {
        add(descriptor_key(STRING, string_microsoft), wire::microsoft_os_string());
        add(vendor_key | vendor_index::MS_OS_10_COMPATIBLE_ID, wire::microsoft_os_10());
    }
    add(vendor_key | vendor_index::WEBUSB_GET_URL, wire::landing_page(id.landing_page));
    add(vendor_key | vendor_index::MS_OS_20_DESCRIPTOR, wire::microsoft_os_20());
    return table.append16(0);
}

}  // namespace usb
