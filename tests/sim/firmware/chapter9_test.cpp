// SPDX-License-Identifier: ISC
// The device framework as USB2CV reads it: its "Chapter 9 Tests" that concern a full-speed device with a control
// endpoint alone, and what USB 2.0 chapter 9 says beyond them, on the real binary. docs/conformance.md has the whole
// list. Sections are those of USB 2.0.
#include <algorithm>
#include <array>
#include <functional>

#include <gtest/gtest.h>

#include "tests/sim/support/bench.hpp"

namespace sim::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint8_t device_in = 0x80, interface_in = 0x81, endpoint_in = 0x82, device_out = 0x00,
                       interface_out = 0x01;
constexpr std::uint8_t GET_STATUS = 0, CLEAR_FEATURE = 1, SET_FEATURE = 3, SET_ADDRESS = 5, GET_DESCRIPTOR = 6,
                       SET_DESCRIPTOR = 7, GET_CONFIGURATION = 8, SET_CONFIGURATION = 9, GET_INTERFACE = 10,
                       SET_INTERFACE = 11, SYNCH_FRAME = 12;

class Chapter9Test : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override { bench.enter_dfu(); }

    /// What came, or nothing when it was stalled.
    std::optional<Bytes> in(std::uint8_t type, std::uint8_t request, std::uint16_t value, std::uint16_t index,
                            std::uint16_t length) {
        Bytes data(length);
        const auto result = bench.host.control_in({type, request, value, index, length}, data);
        if (!result.ok()) {
            EXPECT_EQ(result.end, TransferEnd::stall) << result.detail;
            return std::nullopt;
        }
        data.resize(result.length);
        return data;
    }
    TransferEnd out(std::uint8_t type, std::uint8_t request, std::uint16_t value, std::uint16_t index = 0) {
        return bench.host.control_out({type, request, value, index, 0}, {}).end;
    }
    void unconfigure() { ASSERT_EQ(out(device_out, SET_CONFIGURATION, 0), TransferEnd::ok); }
    void in_both_states(const std::function<void()>& test);
    void expect_string(unsigned index);

    Bench bench{target(GetParam())};
    const bool has_three_settings = bench.target.name.starts_with("btt");
};

/// As the command verifier does for each of its tests: once in the Address state, and once in the Configured state.
void Chapter9Test::in_both_states(const std::function<void()>& test) {
    for (const bool configured : {true, false}) {
        SCOPED_TRACE(configured ? "in the Configured state" : "in the Address state");
        if (!configured) unconfigure();
        test();
    }
}

/// A string descriptor that another one names, as all of 9.6.7 wants it.
void Chapter9Test::expect_string(unsigned index) {
    ASSERT_NE(index, 0U);
    const auto string = in(device_in, GET_DESCRIPTOR, static_cast<std::uint16_t>(0x0300 | index), 0x0409, 255);
    ASSERT_TRUE(string) << index;
    EXPECT_EQ((*string)[0], string->size());
    EXPECT_EQ((*string)[1], 3);
    EXPECT_EQ(string->size() % 2, 0U) << "UTF-16";
    EXPECT_GT(string->size(), 2U) << "a string that is named says something";
    EXPECT_EQ(in(device_in, GET_DESCRIPTOR, static_cast<std::uint16_t>(0x0300 | index), 0x0409, 2)->size(), 2U)
        << "its length alone";
}

// 9.6.1, and 9.2.6.2: the first thing that any host asks, at address 0.
TEST_P(Chapter9Test, DeviceDescriptor) {
    ASSERT_TRUE(bench.host.reset_port());
    bench.host.talk_to(0, 64);
    const auto at_zero = in(device_in, GET_DESCRIPTOR, 0x0100, 0, 64);
    ASSERT_TRUE(at_zero);
    bench.enumerate();
    in_both_states([&] {
        const auto device = in(device_in, GET_DESCRIPTOR, 0x0100, 0, 255);
        ASSERT_TRUE(device);
        EXPECT_EQ(device, at_zero);
        ASSERT_EQ(device->size(), 18U);
        EXPECT_EQ((*device)[0], 18) << "bLength";
        EXPECT_EQ((*device)[1], 1) << "bDescriptorType";
        EXPECT_EQ((*device)[2] | (*device)[3] << 8, 0x0210) << "bcdUSB";
        EXPECT_EQ((*device)[4] | (*device)[5] | (*device)[6], 0) << "class 0 has neither subclass nor protocol";
        EXPECT_EQ((*device)[7], 64) << "bMaxPacketSize0";
        EXPECT_EQ((*device)[12] | (*device)[13] << 8, 0x0210) << "bcdDevice is the version";
        EXPECT_EQ((*device)[17], 1) << "bNumConfigurations";
        for (const std::size_t field : {14U, 15U, 16U})
            expect_string((*device)[field]);
    });
}

// 9.6.3: once by its length, then whole.
TEST_P(Chapter9Test, ConfigurationDescriptor) {
    in_both_states([&] {
        const auto head = in(device_in, GET_DESCRIPTOR, 0x0200, 0, 9);
        ASSERT_TRUE(head);
        ASSERT_EQ(head->size(), 9U) << "as short as asked";
        const auto length = static_cast<std::uint16_t>((*head)[2] | (*head)[3] << 8);
        EXPECT_EQ(length, has_three_settings ? 45 : 27);
        const auto whole = in(device_in, GET_DESCRIPTOR, 0x0200, 0, 255);
        ASSERT_TRUE(whole);
        EXPECT_EQ(whole->size(), length);
        EXPECT_TRUE(std::equal(head->begin(), head->end(), whole->begin()));
        EXPECT_EQ((*whole)[0], 9) << "bLength";
        EXPECT_EQ((*whole)[1], 2) << "bDescriptorType";
        EXPECT_EQ((*whole)[5], 1) << "bConfigurationValue";
        EXPECT_EQ((*whole)[7] & 0x9F, 0x80) << "bmAttributes: bit 7 is one, bits 4 to 0 are zero";
        EXPECT_EQ((*whole)[8], 50) << "bMaxPower, 100 mA";
    });
}

// 9.6.5 and 9.6.6: what is counted is there, and its settings can be had, 9.4.10.
TEST_P(Chapter9Test, InterfaceDescriptors) {
    in_both_states([&] {
        const auto whole = in(device_in, GET_DESCRIPTOR, 0x0200, 0, 255);
        ASSERT_TRUE(whole);
        unsigned interfaces = 0, endpoints = 0;
        for (std::size_t at = 0; at < whole->size(); at += (*whole)[at]) {
            ASSERT_GE((*whole)[at], 2) << at;
            ASSERT_LE(at + (*whole)[at], whole->size()) << at;
            if ((*whole)[at + 1] == 5) ++endpoints;
            if ((*whole)[at + 1] != 4) continue;
            EXPECT_EQ((*whole)[at], 9) << "bLength";
            EXPECT_EQ((*whole)[at + 2], 0) << "bInterfaceNumber";
            EXPECT_EQ((*whole)[at + 3], interfaces) << "bAlternateSetting";
            EXPECT_EQ((*whole)[at + 4], 0) << "bNumEndpoints";
            EXPECT_EQ((*whole)[at + 5], 0xFE) << "bInterfaceClass, application specific";
            EXPECT_EQ((*whole)[at + 6], 1) << "bInterfaceSubClass, DFU";
            EXPECT_EQ((*whole)[at + 7], 2) << "bInterfaceProtocol, DFU mode";
            expect_string((*whole)[at + 8]);
            ++interfaces;
        }
        EXPECT_EQ((*whole)[4], 1) << "bNumInterfaces";
        EXPECT_EQ(interfaces, has_three_settings ? 3U : 1U) << "settings of the one interface";
        EXPECT_EQ(endpoints, 0U);
    });
}

// 9.6.2 of USB 3.2, which a device of bcdUSB 2.10 has, too.
TEST_P(Chapter9Test, BinaryDeviceObjectStore) {
    in_both_states([&] {
        const auto head = in(device_in, GET_DESCRIPTOR, 0x0F00, 0, 5);
        ASSERT_TRUE(head);
        ASSERT_EQ(head->size(), 5U);
        EXPECT_EQ((*head)[0], 5) << "bLength";
        EXPECT_EQ((*head)[1], 0x0F) << "bDescriptorType";
        const auto whole = in(device_in, GET_DESCRIPTOR, 0x0F00, 0, 255);
        ASSERT_TRUE(whole);
        EXPECT_EQ((*head)[2] | (*head)[3] << 8, static_cast<int>(whole->size())) << "wTotalLength";
        unsigned capabilities = 0;
        for (std::size_t at = 5; at < whole->size(); at += (*whole)[at], ++capabilities) {
            ASSERT_GE((*whole)[at], 20) << "a platform capability has at least its UUID";
            ASSERT_LE(at + (*whole)[at], whole->size());
            EXPECT_EQ((*whole)[at + 1], 0x10) << "bDescriptorType";
            EXPECT_EQ((*whole)[at + 2], 5) << "bDevCapabilityType";
            EXPECT_EQ((*whole)[at + 3], 0) << "bReserved";
        }
        EXPECT_EQ((*head)[4], capabilities) << "bNumDeviceCaps";
    });
}

// 9.6.7: the languages, and nothing where there is none.
TEST_P(Chapter9Test, Strings) {
    in_both_states([&] {
        EXPECT_EQ(in(device_in, GET_DESCRIPTOR, 0x0300, 0, 255), (Bytes{4, 3, 0x09, 0x04}));
        EXPECT_FALSE(in(device_in, GET_DESCRIPTOR, 0x0340, 0x0409, 255));
    });
}

// 9.4.3: what a full-speed device does not have is a Request Error.
TEST_P(Chapter9Test, DescriptorsThatAreNotThereAreStalled) {
    // Also those that only vendor requests bring: WebUSB's URL and Microsoft's descriptors.
    for (const auto value : std::to_array<std::uint16_t>(
             {0x0600, 0x0700, 0x0101, 0x0201, 0x0400, 0x0500, 0x0305, 0x2100, 0x4200, 0x0000, 0xF002, 0xF004, 0xF007}))
        EXPECT_FALSE(in(device_in, GET_DESCRIPTOR, value, 0, 64)) << value;
}

// 9.4.2, 9.4.7: GET_CONFIGURATION and SET_CONFIGURATION.
TEST_P(Chapter9Test, Configuration) {
    EXPECT_EQ(in(device_in, GET_CONFIGURATION, 0, 0, 1), Bytes{1});
    unconfigure();
    EXPECT_EQ(in(device_in, GET_CONFIGURATION, 0, 0, 1), Bytes{0});
    EXPECT_EQ(out(device_out, SET_CONFIGURATION, 2), TransferEnd::stall);
    EXPECT_EQ(in(device_in, GET_CONFIGURATION, 0, 0, 1), Bytes{0});
    EXPECT_EQ(out(device_out, SET_CONFIGURATION, 1), TransferEnd::ok);
    EXPECT_EQ(in(device_in, GET_CONFIGURATION, 0, 0, 1), Bytes{1});
}

// 9.4.5: GET_STATUS, and of things that do not exist.
TEST_P(Chapter9Test, Status) {
    const Bytes nothing{0, 0};
    EXPECT_EQ(in(device_in, GET_STATUS, 0, 0, 2), nothing);
    EXPECT_EQ(in(interface_in, GET_STATUS, 0, 0, 2), nothing);
    EXPECT_EQ(in(endpoint_in, GET_STATUS, 0, 0x00, 2), nothing);
    EXPECT_EQ(in(endpoint_in, GET_STATUS, 0, 0x80, 2), nothing);
    EXPECT_FALSE(in(interface_in, GET_STATUS, 0, 1, 2));
    for (const auto endpoint : std::to_array<std::uint16_t>({0x01, 0x81, 0x0F, 0x8F, 0x0100}))
        EXPECT_FALSE(in(endpoint_in, GET_STATUS, 0, endpoint, 2)) << endpoint;
    EXPECT_FALSE(in(0x83, GET_STATUS, 0, 0, 2));
    unconfigure();
    EXPECT_EQ(in(device_in, GET_STATUS, 0, 0, 2), nothing);
    EXPECT_EQ(in(endpoint_in, GET_STATUS, 0, 0, 2), nothing) << "endpoint 0 is there in the Address state";
    EXPECT_FALSE(in(interface_in, GET_STATUS, 0, 0, 2)) << "interfaces are not";
}

// 9.4.4, 9.4.10: interfaces and their alternate settings.
TEST_P(Chapter9Test, Interfaces) {
    const std::uint8_t last = has_three_settings ? 2 : 0;
    EXPECT_EQ(in(interface_in, GET_INTERFACE, 0, 0, 1), Bytes{0}) << "the default";
    for (std::uint8_t setting = 0; setting <= last; ++setting) {
        EXPECT_EQ(out(interface_out, SET_INTERFACE, setting), TransferEnd::ok);
        EXPECT_EQ(in(interface_in, GET_INTERFACE, 0, 0, 1), Bytes{setting});
    }
    EXPECT_EQ(out(interface_out, SET_INTERFACE, static_cast<std::uint16_t>(last + 1)), TransferEnd::stall);
    EXPECT_EQ(out(interface_out, SET_INTERFACE, 0, 1), TransferEnd::stall);
    EXPECT_EQ(in(interface_in, GET_INTERFACE, 0, 0, 1), Bytes{last});
    EXPECT_FALSE(in(interface_in, GET_INTERFACE, 0, 1, 1));
    EXPECT_EQ(out(device_out, SET_CONFIGURATION, 1), TransferEnd::ok);
    EXPECT_EQ(in(interface_in, GET_INTERFACE, 0, 0, 1), Bytes{0}) << "SET_CONFIGURATION chooses the default";
    unconfigure();
    EXPECT_FALSE(in(interface_in, GET_INTERFACE, 0, 0, 1));
    EXPECT_EQ(out(interface_out, SET_INTERFACE, 0), TransferEnd::stall);
    EXPECT_FALSE(bench.dfu.get_status()) << "class requests neither";
    EXPECT_EQ(out(device_out, SET_CONFIGURATION, 1), TransferEnd::ok);
    EXPECT_EQ(bench.dfu.get_state(), flasher::DfuState::dfu_idle);
}

// 9.4.6: addresses.
TEST_P(Chapter9Test, Addresses) {
    EXPECT_EQ(out(device_out, SET_ADDRESS, 128), TransferEnd::stall);
    EXPECT_EQ(out(device_out, SET_ADDRESS, 0xFFFF), TransferEnd::stall);
    for (const auto address : std::to_array<std::uint8_t>({127, 1, 42})) {
        ASSERT_EQ(out(device_out, SET_ADDRESS, address), TransferEnd::ok);
        bench.host.advance(2 * millisecond);
        bench.host.talk_to(address, 64);
        EXPECT_TRUE(in(device_in, GET_DESCRIPTOR, 0x0100, 0, 18)) << int{address};
    }
}

// 9.1.1.6 and 9.2.6.2: a device that was suspended is where it was, in either state.
TEST_P(Chapter9Test, SuspendAndResume) {
    for (const bool configured : {true, false}) {
        if (!configured) unconfigure();
        bench.host.suspend();
        bench.host.advance(200 * millisecond);
        EXPECT_EQ(bench.host.port_state(), PortState::suspended);
        bench.host.resume();
        EXPECT_EQ(in(device_in, GET_CONFIGURATION, 0, 0, 1), Bytes{configured});
        EXPECT_TRUE(in(device_in, GET_DESCRIPTOR, 0x0100, 0, 18));
    }
}

// 9.4.9 and 9.6.3: a device that cannot wake the host says so, refuses to, and does not.
TEST_P(Chapter9Test, NoRemoteWakeup) {
    constexpr std::uint16_t DEVICE_REMOTE_WAKEUP = 1;
    EXPECT_EQ((*in(device_in, GET_DESCRIPTOR, 0x0200, 0, 9))[7] & 1 << 5, 0) << "bmAttributes";
    EXPECT_EQ(out(device_out, SET_FEATURE, DEVICE_REMOTE_WAKEUP), TransferEnd::stall);
    EXPECT_EQ(out(device_out, CLEAR_FEATURE, DEVICE_REMOTE_WAKEUP), TransferEnd::stall);
    EXPECT_EQ(in(device_in, GET_STATUS, 0, 0, 2), (Bytes{0, 0}));
    bench.host.suspend();
    bench.host.advance(2000 * millisecond);
    EXPECT_FALSE(bench.host.remote_wakeup_seen());
    bench.host.resume();
    EXPECT_EQ(bench.dfu.get_state(), flasher::DfuState::dfu_idle);
}

// 9.1.2: enumerated over and over, with and without a look at it in between.
TEST_P(Chapter9Test, Enumeration) {
    for (unsigned round = 0; round < 150; ++round) {
        SCOPED_TRACE(round);
        const auto address = static_cast<std::uint8_t>(1 + round % 127);
        ASSERT_TRUE(bench.host.reset_port());
        bench.host.talk_to(0, 64);
        if (round % 3 != 0) {
            ASSERT_TRUE(in(device_in, GET_DESCRIPTOR, 0x0100, 0, 64));
        }
        ASSERT_EQ(out(device_out, SET_ADDRESS, address), TransferEnd::ok);
        bench.host.advance(2 * millisecond);
        bench.host.talk_to(address, 64);
        ASSERT_TRUE(in(device_in, GET_DESCRIPTOR, 0x0100, 0, 18));
        ASSERT_EQ(in(device_in, GET_CONFIGURATION, 0, 0, 1), Bytes{0}) << "a reset takes the configuration away";
        ASSERT_EQ(out(device_out, SET_CONFIGURATION, 1), TransferEnd::ok);
        ASSERT_EQ(in(device_in, GET_CONFIGURATION, 0, 0, 1), Bytes{1});
    }
    EXPECT_EQ(bench.dfu.get_state(), flasher::DfuState::dfu_idle);
}

// 9.4.1, 9.4.9, 9.2.7: features (there are none), and requests that are not there.
TEST_P(Chapter9Test, WhatIsNotSupportedIsStalled) {
    for (const auto feature : std::to_array<std::uint16_t>({0, 1, 2})) {
        for (const auto recipient : std::to_array<std::uint8_t>({0, 1, 2})) {
            EXPECT_EQ(out(recipient, SET_FEATURE, feature), TransferEnd::stall);
            EXPECT_EQ(out(recipient, CLEAR_FEATURE, feature), TransferEnd::stall);
        }
    }
    EXPECT_EQ(out(device_out, SET_DESCRIPTOR, 0x0100), TransferEnd::stall);
    EXPECT_EQ(out(interface_out, SET_DESCRIPTOR, 0), TransferEnd::stall);
    EXPECT_FALSE(in(endpoint_in, SYNCH_FRAME, 0, 0, 2));
    EXPECT_FALSE(in(device_in, 2, 0, 0, 2));
    EXPECT_EQ(bench.dfu.get_state(), flasher::DfuState::dfu_idle) << "and does not concern DFU";
}

/// docs/capability.md, read as a host does that has never heard of the board.
TEST_P(Chapter9Test, TheBosTellsWhereApplicationsGo) {
    const auto bos = in(device_in, GET_DESCRIPTOR, 0x0F00, 0, 255);
    ASSERT_TRUE(bos);
    EXPECT_EQ((*bos)[2] | (*bos)[3] << 8, static_cast<int>(bos->size()));
    const Bytes uuid{0xD5, 0x27, 0x61, 0xA1, 0x8D, 0x52, 0xA7, 0x4D, 0x82, 0x81, 0x59, 0xD9, 0xA9, 0x11, 0xF8, 0xC4};
    unsigned found = 0, count = 0;
    for (std::size_t at = 5; at < bos->size(); at += (*bos)[at], ++count) {
        ASSERT_GE((*bos)[at], 4);
        ASSERT_LE(at + (*bos)[at], bos->size());
        EXPECT_EQ((*bos)[at + 1], 0x10);
        if ((*bos)[at] != 32 || !std::equal(uuid.begin(), uuid.end(), bos->begin() + static_cast<long>(at) + 4))
            continue;
        ++found;
        const auto number = [&](std::size_t offset, unsigned bytes) {
            std::uint32_t value = 0;
            for (unsigned i = bytes; i > 0; --i)
                value = value << 8 | (*bos)[at + offset + i - 1];
            return value;
        };
        EXPECT_EQ(number(20, 2), 0x0100U);
        EXPECT_EQ(number(22, 1), bench.target.high_memory ? 1U : 0U);
        EXPECT_EQ(number(23, 1), bench.target.page / 1024);
        EXPECT_EQ(number(24, 4), bench.target.application);
        EXPECT_EQ(number(28, 4), bench.target.application_end);
    }
    EXPECT_EQ(found, 1U);
    EXPECT_EQ(count, (*bos)[4]);
}

INSTANTIATE_TEST_SUITE_P(Targets, Chapter9Test,
                         testing::Values("bluepill", "bluepill-high", "bttskrminie3v2", "bttskrminie3v2-high-256"),
                         [](const auto& named) { return identifier(named.param); });

}  // namespace
}  // namespace sim::test
