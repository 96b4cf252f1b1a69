// SPDX-License-Identifier: ISC
// Reading a device over a transport: a scripted device with every descriptor, then with each of them wrong.
#include "flasher/device_info.hpp"

#include <map>

#include <gtest/gtest.h>

#include "tests/unit/flasher/fake_device.hpp"

namespace flasher::test {
namespace {

using Data = std::vector<std::uint8_t>;
using Key = std::tuple<int, int, int, int>;  // bmRequestType, bRequest, wValue, wIndex

Data string_descriptor(std::string_view text) {
    Data data{static_cast<std::uint8_t>(2 + 2 * text.size()), 3};
    for (const char c : text)
        data.push_back(static_cast<std::uint8_t>(c)), data.push_back(0);
    return data;
}

Data utf16(std::string_view text) {
    auto data = string_descriptor(text);
    return {data.begin() + 2, data.end()};
}

void append(Data& data, const Data& more) {
    data.insert(data.end(), more.begin(), more.end());
}

/// Answers what the table holds, stalls the rest.
class ScriptedDevice : public FakeDevice {
  public:
    std::map<Key, Data> answers;

    TransferResult control_in(const SetupPacket& setup, std::span<std::uint8_t> data) override {
        const auto found = answers.find({setup.bmRequestType, setup.bRequest, setup.wValue, setup.wIndex});
        if (found == answers.end()) return {Outcome::stall, 0};
        const auto length = std::min<std::size_t>(found->second.size(), setup.wLength);
        std::copy_n(found->second.begin(), length, data.begin());
        return {Outcome::ok, length};
    }
};

void fill(ScriptedDevice& device) {
    auto& table = device.answers;
    table[{0x80, 6, 0x0100, 0}] = {18, 1, 0x10, 2, 0, 0, 0, 64, 0x09, 0x12, 0x42, 0xDB, 0, 1, 1, 2, 3, 1};
    table[{0x80, 6, 0x0200, 0}] = {9,    2, 27, 0, 1, 1,    0,    0xC0, 50, 9, 4, 0,    0, 0,
                                   0xFE, 1, 2,  4, 9, 0x21, 0x0B, 0xFF, 0,  0, 4, 0x10, 1};
    table[{0x80, 6, 0x0300, 0}] = {4, 3, 9, 4};
    table[{0x80, 6, 0x0301, 0x409}] = string_descriptor("Devanarchy");
    table[{0x80, 6, 0x0302, 0x409}] = string_descriptor("Product");
    table[{0x80, 6, 0x0303, 0x409}] = string_descriptor("0123");
    table[{0x80, 6, 0x0304, 0x409}] = string_descriptor("DAPBoot DFU");

    Data bos{5, 15, 57, 0, 2, 24, 16, 5, 0};
    append(bos, {0x38, 0xB6, 0x08, 0x34, 0xA9, 0x09, 0xA0, 0x47, 0x8B, 0xFD, 0xA0, 0x76, 0x88, 0x15, 0xB6, 0x65});
    append(bos, {0, 1, 0x21, 1, 28, 16, 5, 0});
    append(bos, {0xDF, 0x60, 0xDD, 0xD8, 0x89, 0x45, 0xC7, 0x4C, 0x9C, 0xD2, 0x65, 0x9D, 0x9E, 0x64, 0x8A, 0x9F});
    append(bos, {0, 0, 3, 6, 162, 0, 0x21, 0});
    table[{0x80, 6, 0x0F00, 0}] = bos;
    table[{0xC0, 0x21, 1, 2}] = {6, 3, 1, 'x', '.', 'y'};

    auto msft = string_descriptor("MSFT100");
    append(msft, {0x21, 0});
    msft[0] = 18;
    table[{0x80, 6, 0x03EE, 0}] = msft;
    Data compatible{40, 0, 0, 0, 0, 1, 4, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 'W', 'I', 'N', 'U', 'S', 'B', 0, 0};
    compatible.resize(40);
    table[{0xC0, 0x21, 0, 4}] = compatible;

    Data set{10, 0, 0, 0, 0, 0, 3, 6, 162, 0, 20, 0, 3, 0, 'W', 'I', 'N', 'U', 'S', 'B', 0, 0};
    set.resize(30);
    append(set, {132, 0, 4, 0, 7, 0, 42, 0});
    auto name = utf16("DeviceInterfaceGUIDs");
    name.resize(42);
    append(set, name);
    auto guid = utf16("{00000000-1111-2222-3333-444444444444}");
    guid.resize(80);
    append(set, {80, 0});
    append(set, guid);
    set.resize(162);
    table[{0xC0, 0x21, 0, 7}] = set;
}

TEST(DeviceInfoReader, ReadsEverythingThatADeviceSays) {
    ScriptedDevice device;
    fill(device);
    const auto info = read_device_info(device);
    EXPECT_EQ(info.device.idProduct, 0xDB42);
    EXPECT_EQ(info.manufacturer, "Devanarchy");
    EXPECT_EQ(info.product, "Product");
    EXPECT_EQ(info.serial_number, "0123");
    EXPECT_EQ(info.interface_names, std::vector<std::string>{"DAPBoot DFU"});
    ASSERT_TRUE(info.webusb);
    EXPECT_EQ(info.webusb->landing_page, "https://x.y");
    ASSERT_TRUE(info.microsoft_os_10);
    EXPECT_EQ(info.microsoft_os_10->compatible_id, "WINUSB");
    ASSERT_TRUE(info.microsoft_os_20);
    EXPECT_EQ(info.microsoft_os_20->compatible_id, "WINUSB");
    EXPECT_EQ(info.microsoft_os_20->interface_guid, "{00000000-1111-2222-3333-444444444444}");
}

TEST(DeviceInfoReader, PropertiesOfWindowsAreTextOrNothing) {
    ScriptedDevice device;
    fill(device);
    auto& set = device.answers[{0xC0, 0x21, 0, 7}];
    const auto whole = set;
    const auto guid = [&] { return read_device_info(device).microsoft_os_20->interface_guid; };
    set[30 + 10 + 42] = 0x80;  // a character beyond ASCII, and the last within
    EXPECT_EQ(guid(), "?00000000-1111-2222-3333-444444444444}");
    set[30 + 10 + 42] = 0x7F;
    EXPECT_EQ(guid(),
              "\x7F"
              "00000000-1111-2222-3333-444444444444}");
    set = whole;
    set[30 + 8 + 42] = 5;  // an odd number of bytes
    EXPECT_EQ(guid(), "{0");
    set[30 + 8 + 42] = 0;
    EXPECT_EQ(guid(), "");
    set = whole;
    set[30 + 8] = 'd';  // another property
    EXPECT_FALSE(guid());
}

// The bootloaders of Maple and STM32duino bear one number, which would make one board of all (usb_descriptor.c of
// rogerclarkmelbourne/STM32duino-bootloader).
TEST(DeviceInfoReader, TakesTheNumberOfEveryMapleForNone) {
    ScriptedDevice device;
    fill(device);
    device.answers[{0x80, 6, 0x0303, 0x409}] = string_descriptor("LLM 003");
    EXPECT_EQ(read_device_info(device).serial_number, "");
}

TEST(DeviceInfoReader, DoesWithoutWhatStalls) {
    ScriptedDevice device;
    fill(device);
    std::erase_if(device.answers, [](const auto& one) {
        const auto [type, request, value, index] = one.first;
        return type == 0xC0 || value >= 0x0300;
    });
    const auto info = read_device_info(device);
    EXPECT_EQ(info.product, "");
    EXPECT_FALSE(info.webusb || info.microsoft_os_10 || info.microsoft_os_20);
}

TEST(DeviceInfoReader, NeedsDeviceAndConfiguration) {
    for (const int value : {0x0100, 0x0200}) {
        ScriptedDevice device;
        fill(device);
        device.answers.erase({0x80, 6, value, 0});
        EXPECT_THROW(static_cast<void>(read_device_info(device)), DeviceInfoError);
    }
}

TEST(DeviceInfoReader, SurvivesEveryAnswerCutShortOrBent) {
    ScriptedDevice whole;
    fill(whole);
    for (const auto& [key, answer] : whole.answers)
        for (std::size_t i = 0; i < answer.size(); ++i) {
            for (const int value : {-1, 0x00, 0x01, 0xFF}) {
                ScriptedDevice device;
                device.answers = whole.answers;
                auto& one = device.answers[key];
                if (value < 0)
                    one.resize(i);
                else
                    one[i] = static_cast<std::uint8_t>(value);
                try {
                    static_cast<void>(read_device_info(device));
                } catch (const DescriptorError&) {
                } catch (const DeviceInfoError&) {
                }
            }
        }
}

}  // namespace
}  // namespace flasher::test
