// SPDX-License-Identifier: ISC
// Pure parsers of USB descriptors.
#include "flasher/descriptors.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace flasher {
namespace {

constexpr std::uint8_t type_device = 1, type_configuration = 2, type_string = 3, type_interface = 4, type_bos = 15,
                       type_capability = 16, type_dfu_functional = 0x21, type_webusb_url = 3, capability_platform = 5;

// UUIDs as they stand on the wire: the first three groups little-endian.
constexpr std::array<std::uint8_t, 16> webusb_uuid{0x38, 0xB6, 0x08, 0x34, 0xA9, 0x09, 0xA0, 0x47,
                                                   0x8B, 0xFD, 0xA0, 0x76, 0x88, 0x15, 0xB6, 0x65};
constexpr std::array<std::uint8_t, 16> microsoft_uuid{0xDF, 0x60, 0xDD, 0xD8, 0x89, 0x45, 0xC7, 0x4C,
                                                      0x9C, 0xD2, 0x65, 0x9D, 0x9E, 0x64, 0x8A, 0x9F};
constexpr std::array<std::uint8_t, 16> dapboot_uuid{0xD5, 0x27, 0x61, 0xA1, 0x8D, 0x52, 0xA7, 0x4D,
                                                    0x82, 0x81, 0x59, 0xD9, 0xA9, 0x11, 0xF8, 0xC4};

void require(Bytes bytes, std::size_t length, std::uint8_t type, const char* what) {
    if (bytes.size() < length)
        throw DescriptorError(
            fmt::format("the {} descriptor has {} bytes instead of at least {}", what, bytes.size(), length));
    if (bytes[0] < length || bytes[0] > bytes.size())
        throw DescriptorError(
            fmt::format("the {} descriptor claims a bLength of {}; {} bytes came", what, bytes[0], bytes.size()));
    if (bytes[1] != type)
        throw DescriptorError(fmt::format("the {} descriptor has bDescriptorType {:#04x}", what, bytes[1]));
}

/// Calls `visit` with each descriptor of a chain, bLength bytes each.
template <class Visit>
void for_each_descriptor(Bytes bytes, const char* what, Visit visit) {
    for (std::size_t offset = 0; offset < bytes.size();) {
        const std::size_t left = bytes.size() - offset;
        const std::size_t length = bytes[offset];
        if (length < 2 || length > left)
            throw DescriptorError(fmt::format("the {} has a descriptor at offset {} with bLength {} and {} bytes left",
                                              what, offset, length, left));
        visit(bytes.subspan(offset, length));
        offset += length;
    }
}

DfuFunctional parse_functional(Bytes bytes) {
    // DFU 1.0 devices send it without bcdDFUVersion.
    require(bytes, 7, type_dfu_functional, "DFU functional");
    return {.attributes = DfuAttributes::from_byte(bytes[2]),
            .detach_timeout = std::chrono::milliseconds(u16_at(bytes, 3)),
            .transfer_size = u16_at(bytes, 5),
            .version = bytes.size() >= 9 ? u16_at(bytes, 7) : std::uint16_t{0x0100}};
}

InterfaceDescriptor parse_interface(Bytes bytes) {
    require(bytes, 9, type_interface, "interface");
    return {.bInterfaceNumber = bytes[2],
            .bAlternateSetting = bytes[3],
            .bNumEndpoints = bytes[4],
            .bInterfaceClass = bytes[5],
            .bInterfaceSubClass = bytes[6],
            .bInterfaceProtocol = bytes[7],
            .iInterface = bytes[8],
            .functional = std::nullopt};
}

void share_functional(std::vector<InterfaceDescriptor>& interfaces) {
    for (auto& one : interfaces) {
        if (one.functional || !one.is_dfu()) continue;
        const auto giver = std::ranges::find_if(interfaces, [&](const auto& other) {
            return other.is_dfu() && other.functional && other.bInterfaceNumber == one.bInterfaceNumber;
        });
        if (giver != interfaces.end()) one.functional = giver->functional;
    }
}

void append_utf8(std::string& text, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
    } else if (code < 0x1'0000) {
        put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
    } else {
        put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F));
        put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
    }
}

}  // namespace

bool PlatformCapability::is_webusb() const {
    return uuid == webusb_uuid;
}
bool PlatformCapability::is_microsoft_os_20() const {
    return uuid == microsoft_uuid;
}
bool PlatformCapability::is_dapboot() const {
    return uuid == dapboot_uuid;
}

DapbootCapability parse_dapboot_capability(const PlatformCapability& capability) {
    const Bytes data = capability.data;
    if (data.size() < 12)
        throw DescriptorError(fmt::format("dapboot's capability has {} bytes of data instead of 12", data.size()));
    const DapbootCapability parsed{.bcdCapability = u16_at(data, 0),
                                   .layout = static_cast<DapbootCapability::Layout>(data[2]),
                                   .page_size = data[3] * 1024U,
                                   .application_base = u32_at(data, 4),
                                   .application_end = u32_at(data, 8)};
    const bool in_flash = parsed.application_base >= 0x0800'0000 && parsed.application_end <= 0x0820'0000;
    if (!in_flash || parsed.application_base >= parsed.application_end || parsed.page_size == 0)
        throw DescriptorError(
            fmt::format("dapboot's capability tells of an application from {:#010x} to {:#010x} in "
                        "pages of {} bytes, which cannot be",
                        parsed.application_base, parsed.application_end, parsed.page_size));
    return parsed;
}

DeviceDescriptor parse_device(Bytes bytes) {
    require(bytes, 18, type_device, "device");
    return {.bcdUSB = u16_at(bytes, 2),
            .bDeviceClass = bytes[4],
            .bDeviceSubClass = bytes[5],
            .bDeviceProtocol = bytes[6],
            .bMaxPacketSize0 = bytes[7],
            .idVendor = u16_at(bytes, 8),
            .idProduct = u16_at(bytes, 10),
            .bcdDevice = u16_at(bytes, 12),
            .iManufacturer = bytes[14],
            .iProduct = bytes[15],
            .iSerialNumber = bytes[16],
            .bNumConfigurations = bytes[17]};
}

std::uint16_t total_length(Bytes bytes) {
    if (bytes.size() < 4)
        throw DescriptorError(fmt::format("{} bytes came where a descriptor's length was asked for", bytes.size()));
    return u16_at(bytes, 2);
}

ConfigurationDescriptor parse_configuration(Bytes bytes) {
    require(bytes, 9, type_configuration, "configuration");
    const std::size_t total = total_length(bytes);
    if (total > bytes.size() || total < bytes[0])
        throw DescriptorError(fmt::format("the configuration descriptor claims a wTotalLength of {}; {} bytes came",
                                          total, bytes.size()));

    ConfigurationDescriptor configuration{.bConfigurationValue = bytes[5],
                                          .iConfiguration = bytes[6],
                                          .bmAttributes = bytes[7],
                                          .max_milliamperes = bytes[8] * 2U,
                                          .interfaces = {}};
    auto& interfaces = configuration.interfaces;
    for_each_descriptor(bytes.subspan(bytes[0], total - bytes[0]), "configuration", [&](Bytes one) {
        if (one[1] == type_interface) interfaces.push_back(parse_interface(one));
        // 0x21 is also HID's: only behind a DFU interface is it ours.
        else if (one[1] == type_dfu_functional && !interfaces.empty() && interfaces.back().is_dfu())
            interfaces.back().functional = parse_functional(one);
    });
    share_functional(interfaces);
    return configuration;
}

std::string parse_string(Bytes bytes) {
    require(bytes, 2, type_string, "string");
    if (bytes[0] % 2 != 0)
        throw DescriptorError(fmt::format("the string descriptor has an odd bLength of {}", bytes[0]));
    std::string text;
    for (std::size_t offset = 2; offset < bytes[0]; offset += 2) {
        std::uint32_t code = u16_at(bytes, offset);
        if (code >= 0xD800 && code < 0xDC00 && offset + 4U <= bytes[0]) {
            const std::uint32_t low = u16_at(bytes, offset + 2);
            if (low >= 0xDC00 && low < 0xE000) {
                code = 0x1'0000 + ((code - 0xD800) << 10) + (low - 0xDC00);
                offset += 2;
            }
        }
        const bool unpaired = code >= 0xD800 && code < 0xE000;
        append_utf8(text, unpaired ? 0xFFFD : code);
    }
    return text;
}

std::vector<PlatformCapability> parse_bos(Bytes bytes) {
    require(bytes, 5, type_bos, "BOS");
    const std::size_t total = total_length(bytes);
    if (total > bytes.size() || total < bytes[0])
        throw DescriptorError(fmt::format("the BOS claims a wTotalLength of {}; {} bytes came", total, bytes.size()));
    std::vector<PlatformCapability> capabilities;
    std::size_t count = 0;
    for_each_descriptor(bytes.subspan(bytes[0], total - bytes[0]), "BOS", [&](Bytes one) {
        ++count;
        if (one.size() < 20 || one[1] != type_capability || one[2] != capability_platform) return;
        PlatformCapability capability;
        std::ranges::copy(one.subspan(4, 16), capability.uuid.begin());
        capability.data.assign(one.begin() + 20, one.end());
        capabilities.push_back(std::move(capability));
    });
    if (count != bytes[4])
        throw DescriptorError(fmt::format("the BOS claims {} capabilities and holds {}", bytes[4], count));
    return capabilities;
}

std::string parse_url(Bytes bytes) {
    require(bytes, 3, type_webusb_url, "WebUSB URL");
    std::string text;
    switch (bytes[2]) {
        case 0:
            text = "http://";
            break;
        case 1:
            text = "https://";
            break;
        case 255:
            break;
        default:
            throw DescriptorError(fmt::format("the WebUSB URL has scheme {}", bytes[2]));
    }
    text.append(bytes.begin() + 3, bytes.begin() + bytes[0]);
    return text;
}

std::vector<InterfaceDescriptor> dfu_interfaces(const ConfigurationDescriptor& configuration) {
    std::vector<InterfaceDescriptor> found;
    std::ranges::copy_if(configuration.interfaces, std::back_inserter(found), &InterfaceDescriptor::is_dfu_mode);
    return found;
}

}  // namespace flasher
