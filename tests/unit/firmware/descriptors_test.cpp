// SPDX-License-Identifier: ISC
// The descriptors as they arrive at the host, field by field, read with the documents at hand and without a word of the
// firmware's own names: USB 2.0 section 9.6, USB 3.2 section 9.6.2, DFU 1.1 section 4.2, WebUSB section 4, Microsoft OS
// 1.0 and 2.0 descriptors.
#include "usb/descriptors.hpp"

#include <gtest/gtest.h>

#include "tests/unit/firmware/test_device.hpp"

namespace firmware_test {
namespace {

unsigned u16(const Image& bytes, std::size_t at) {
    return bytes.at(at) + 256U * bytes.at(at + 1);
}
std::uint32_t u32(const Image& bytes, std::size_t at) {
    return u16(bytes, at) | u16(bytes, at + 2) << 16U;
}
Image slice(const Image& bytes, std::size_t at, std::size_t length) {
    EXPECT_LE(at + length, bytes.size());
    const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    return {from, from + static_cast<std::ptrdiff_t>(length)};
}
/// Code units of UTF-16LE.
std::u16string text16(const Image& bytes) {
    std::u16string text;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
        text.push_back(static_cast<char16_t>(u16(bytes, i)));
    return text;
}

struct Descriptors : ::testing::Test {
    TestDevice<Standard> dut;

    Image get(std::uint16_t value, std::uint16_t length = 0xFFFF) {
        const Transfer transfer = dut.bus.in({0x80, 6, value, 0, length});
        EXPECT_EQ(transfer.result, Result::ok) << std::hex << value;
        return transfer.data;
    }
    Image vendor(std::uint8_t type, std::uint16_t value, std::uint16_t index) {
        const Transfer transfer = dut.bus.in({type, vendor_code, value, index, 0xFFFF});
        EXPECT_EQ(transfer.result, Result::ok) << index;
        return transfer.data;
    }
    std::u16string string(std::uint8_t index) {
        const Image bytes = get(static_cast<std::uint16_t>(0x0300 | index));
        EXPECT_EQ(bytes.at(0), bytes.size());
        EXPECT_EQ(bytes.at(1), 3);
        return text16(slice(bytes, 2, bytes.size() - 2));
    }
    static constexpr std::uint8_t vendor_code = 0x20;
};

TEST_F(Descriptors, Device) {
    const Image bytes = get(0x0100);
    ASSERT_EQ(bytes.size(), 18U);
    EXPECT_EQ(bytes[0], 18);            // bLength
    EXPECT_EQ(bytes[1], 1);             // DEVICE
    EXPECT_EQ(u16(bytes, 2), 0x0210U);  // bcdUSB: there is a BOS
    EXPECT_EQ(bytes[4], 0);             // class, subclass, protocol: of the interface
    EXPECT_EQ(bytes[5], 0);
    EXPECT_EQ(bytes[6], 0);
    EXPECT_EQ(bytes[7], 64);             // bMaxPacketSize0
    EXPECT_EQ(u16(bytes, 8), 0x1209U);   // idVendor
    EXPECT_EQ(u16(bytes, 10), 0xDB42U);  // idProduct
    EXPECT_EQ(bytes[17], 1);             // bNumConfigurations
    EXPECT_EQ(string(bytes[14]), u"Devanarchy");
    EXPECT_EQ(string(bytes[15]), u"DAPBoot DFU Bootloader");
    // 24 digits: words of the unique ID from the last to the first, each in memory's byte order.
    EXPECT_EQ(string(bytes[16]), u"F8090A0B0405060700010203");
}

TEST_F(Descriptors, Configuration) {
    const Image bytes = get(0x0200);
    ASSERT_EQ(bytes.size(), 27U);
    EXPECT_EQ(u16(bytes, 2), bytes.size());  // wTotalLength
    const Image head = slice(bytes, 0, 9), interface = slice(bytes, 9, 9), dfu = slice(bytes, 18, 9);

    EXPECT_EQ(head[0], 9);
    EXPECT_EQ(head[1], 2);            // CONFIGURATION
    EXPECT_EQ(head[4], 1);            // bNumInterfaces
    EXPECT_EQ(head[5], 1);            // bConfigurationValue
    EXPECT_EQ(head[7] & 0x9F, 0x80);  // bit 7 is reserved and one, bits 4:0 reserved and zero
    EXPECT_EQ(head[8] * 2, 100);      // bMaxPower in 2 mA

    EXPECT_EQ(interface[0], 9);
    EXPECT_EQ(interface[1], 4);     // INTERFACE
    EXPECT_EQ(interface[2], 0);     // bInterfaceNumber
    EXPECT_EQ(interface[3], 0);     // bAlternateSetting
    EXPECT_EQ(interface[4], 0);     // bNumEndpoints: the control endpoint alone
    EXPECT_EQ(interface[5], 0xFE);  // application specific
    EXPECT_EQ(interface[6], 1);     // device firmware upgrade
    EXPECT_EQ(interface[7], 2);     // DFU mode
    EXPECT_EQ(string(interface[8]), u"DAPBoot DFU");

    EXPECT_EQ(dfu[0], 9);
    EXPECT_EQ(dfu[1], 0x21);          // DFU FUNCTIONAL
    EXPECT_EQ(dfu[2], 0x0B);          // bitWillDetach, bitCanUpload, bitCanDnload
    EXPECT_EQ(u16(dfu, 5), 1024U);    // wTransferSize
    EXPECT_EQ(u16(dfu, 7), 0x0110U);  // bcdDFUVersion
}

TEST_F(Descriptors, AttributesSayWhatTheBuildDoes) {
    using dfu::Attributes;
    EXPECT_EQ((Attributes{true, true, true}.bits()), 0x0B);
    EXPECT_EQ((Attributes{true, true, false}.bits()), 0x07) << "manifestation tolerant instead";
    EXPECT_EQ((Attributes{true, false, true}.bits()), 0x09);
    EXPECT_EQ((Attributes{false, true, true}.bits()), 0x0A);
}

TEST_F(Descriptors, HostsAskForTheirBeginningFirst) {
    const Image whole = get(0x0200);
    EXPECT_EQ(get(0x0200, 9), slice(whole, 0, 9));
    EXPECT_EQ(get(0x0100, 8), slice(get(0x0100), 0, 8));
    EXPECT_EQ(get(0x0F00, 5), slice(get(0x0F00), 0, 5));
    EXPECT_EQ(get(0x0100, 64).size(), 18U);
}

TEST_F(Descriptors, Languages) {
    EXPECT_EQ(get(0x0300), (Image{4, 3, 0x09, 0x04}));
}

TEST_F(Descriptors, BosAnnouncesWebUsbAndMicrosoftOs20) {
    const Image bytes = get(0x0F00);
    ASSERT_GE(bytes.size(), 5U);
    EXPECT_EQ(bytes[0], 5);
    EXPECT_EQ(bytes[1], 15);
    EXPECT_EQ(u16(bytes, 2), bytes.size());
    // {3408B638-09A9-47A0-8BFD-A0768815B665}, {D8DD60DF-4589-4CC7-9CD2-659D9E648A9F}: the first three fields of a GUID
    // travel little-endian.
    const Image webusb{0x38, 0xB6, 0x08, 0x34, 0xA9, 0x09, 0xA0, 0x47, 0x8B, 0xFD, 0xA0, 0x76, 0x88, 0x15, 0xB6, 0x65};
    const Image microsoft{0xDF, 0x60, 0xDD, 0xD8, 0x89, 0x45, 0xC7, 0x4C,
                          0x9C, 0xD2, 0x65, 0x9D, 0x9E, 0x64, 0x8A, 0x9F};
    std::size_t at = 5, count = 0;
    bool has_webusb = false, has_microsoft = false;
    for (; at < bytes.size(); at += bytes[at], ++count) {
        ASSERT_GE(bytes[at], 20);
        EXPECT_EQ(bytes[at + 1], 16);  // DEVICE CAPABILITY
        EXPECT_EQ(bytes[at + 2], 5);   // PLATFORM
        EXPECT_EQ(bytes[at + 3], 0);   // bReserved
        const Image uuid = slice(bytes, at + 4, 16), data = slice(bytes, at + 20, bytes[at] - 20U);
        if (uuid == webusb) {
            has_webusb = true;
            ASSERT_EQ(data.size(), 4U);
            EXPECT_EQ(u16(data, 0), 0x0100U);  // bcdVersion
            EXPECT_EQ(data[2], vendor_code);
            EXPECT_EQ(data[3], 1);  // iLandingPage
        } else if (uuid == microsoft) {
            has_microsoft = true;
            ASSERT_EQ(data.size(), 8U);
            EXPECT_EQ(u32(data, 0), 0x06030000U);  // dwWindowsVersion: 8.1
            EXPECT_EQ(u16(data, 4), vendor(0xC0, 0, 7).size());
            EXPECT_EQ(data[6], vendor_code);
            EXPECT_EQ(data[7], 0);  // bAltEnumCode
        }
    }
    EXPECT_EQ(at, bytes.size());
    EXPECT_EQ(bytes[4], count);
    EXPECT_TRUE(has_webusb);
    EXPECT_TRUE(has_microsoft);
}

TEST_F(Descriptors, LandingPage) {
    const Image bytes = vendor(0xC0, 1, 2);  // WEBUSB_GET_URL of URL 1
    ASSERT_GE(bytes.size(), 3U);
    EXPECT_EQ(bytes[0], bytes.size());
    EXPECT_EQ(bytes[1], 3);  // WEBUSB_URL
    EXPECT_EQ(bytes[2], 1);  // https
    EXPECT_EQ(std::string(bytes.begin() + 3, bytes.end()), "devanlai.github.io/webdfu/dfu-util/");
}

TEST_F(Descriptors, MicrosoftOs10) {
    const Image magic = get(0x03EE);
    ASSERT_EQ(magic.size(), 18U);
    EXPECT_EQ(magic[0], 18);
    EXPECT_EQ(magic[1], 3);
    EXPECT_EQ(text16(slice(magic, 2, 14)), u"MSFT100");
    EXPECT_EQ(magic[16], vendor_code);

    const Image bytes = vendor(0xC0, 0, 4);  // extended compat ID
    ASSERT_EQ(bytes.size(), 40U);
    EXPECT_EQ(u32(bytes, 0), bytes.size());  // dwLength
    EXPECT_EQ(u16(bytes, 4), 0x0100U);       // bcdVersion
    EXPECT_EQ(u16(bytes, 6), 4U);            // wIndex
    EXPECT_EQ(bytes[8], 1);                  // bCount
    EXPECT_EQ(slice(bytes, 9, 7), Image(7, 0));
    EXPECT_EQ(bytes[16], 0);  // bFirstInterfaceNumber
    EXPECT_EQ(bytes[17], 1);  // reserved, one
    EXPECT_EQ(slice(bytes, 18, 8), (Image{'W', 'I', 'N', 'U', 'S', 'B', 0, 0}));
    EXPECT_EQ(slice(bytes, 26, 14), Image(14, 0));
}

TEST_F(Descriptors, MicrosoftOs20) {
    const Image bytes = vendor(0xC0, 0, 7);
    ASSERT_GE(bytes.size(), 10U);
    EXPECT_EQ(u16(bytes, 0), 10U);  // MS_OS_20_SET_HEADER_DESCRIPTOR
    EXPECT_EQ(u16(bytes, 2), 0U);
    EXPECT_EQ(u32(bytes, 4), 0x06030000U);   // dwWindowsVersion
    EXPECT_EQ(u16(bytes, 8), bytes.size());  // wTotalLength
    bool compatible = false, property = false;
    std::size_t at = 10;
    for (; at < bytes.size(); at += u16(bytes, at)) {
        ASSERT_GE(u16(bytes, at), 4U);
        const Image feature = slice(bytes, at, u16(bytes, at));
        if (u16(feature, 2) == 3) {  // FEATURE_COMPATBLE_ID
            compatible = true;
            ASSERT_EQ(feature.size(), 20U);
            EXPECT_EQ(slice(feature, 4, 8), (Image{'W', 'I', 'N', 'U', 'S', 'B', 0, 0}));
            EXPECT_EQ(slice(feature, 12, 8), Image(8, 0));
        } else if (u16(feature, 2) == 4) {  // FEATURE_REG_PROPERTY
            property = true;
            EXPECT_EQ(u16(feature, 4), 7U);  // REG_MULTI_SZ
            const std::size_t name = u16(feature, 6);
            EXPECT_EQ(text16(slice(feature, 8, name)), std::u16string(u"DeviceInterfaceGUIDs\0", 21));
            const std::size_t data = u16(feature, 8 + name);
            EXPECT_EQ(10 + name + data, feature.size());
            const std::u16string guids = text16(slice(feature, 10 + name, data));
            ASSERT_EQ(guids.size(), 40U);  // a GUID in braces, its end, the list's end
            EXPECT_EQ(guids.front(), u'{');
            EXPECT_EQ(guids[37], u'}');
            EXPECT_EQ(guids.substr(38), std::u16string(2, u'\0'));
        } else {
            ADD_FAILURE() << "feature " << u16(feature, 2);
        }
    }
    EXPECT_EQ(at, bytes.size());
    EXPECT_TRUE(compatible);
    EXPECT_TRUE(property);
}

TEST(DescriptorsOfBoards, DummiesStandBeforeTheAlternateSettingThatSpeaksDfu) {
    usb::Identity identity = identity_of<tolerant, 2048>;
    identity.alternate = 2;
    const auto plain = usb::wire::configuration(identity);
    const Image bytes(plain.data.begin(), plain.data.begin() + static_cast<std::ptrdiff_t>(plain.size));
    ASSERT_EQ(bytes.size(), 9U + 3 * 9 + 9);
    EXPECT_EQ(u16(bytes, 2), bytes.size());
    EXPECT_EQ(bytes[4], 1) << "settings of one interface";
    for (unsigned setting = 0; setting < 3; ++setting) {
        const Image interface = slice(bytes, 9 + setting * 9, 9);
        EXPECT_EQ(interface[1], 4);
        EXPECT_EQ(interface[2], 0);
        EXPECT_EQ(interface[3], setting);
    }
    EXPECT_EQ(bytes[9 + 3 * 9 + 1], 0x21) << "the functional descriptor follows the last";
    EXPECT_EQ(bytes[9 + 3 * 9 + 2], 0x07);
    EXPECT_EQ(u16(bytes, 9 + 3 * 9 + 5), 2048U);
}

TEST(Strings, BecomeUtf16) {
    const auto utf16 = [](std::string_view text) {
        const auto plain = usb::wire::utf16(text);
        return text16(Image(plain.data.begin(), plain.data.begin() + static_cast<std::ptrdiff_t>(plain.size)));
    };
    EXPECT_EQ(utf16(""), u"");
    EXPECT_EQ(utf16("DAPBoot"), u"DAPBoot");
    EXPECT_EQ(utf16("Gr\xC3\xBC\xC3\x9F\x65"), u"Gr\u00FC\u00DFe");
    EXPECT_EQ(utf16("\xE2\x82\xAC 5"), u"\u20AC 5");
    EXPECT_EQ(utf16("\xF0\x9F\x94\xA7!"), u"\U0001F527!") << "a surrogate pair";
}

}  // namespace
}  // namespace firmware_test
