// SPDX-License-Identifier: ISC
// The device framework as USB2CV reads it: the assertions of its "Chapter 9 Tests" that concern a device with a control
// endpoint alone, one test each, on the real binary. Sections are those of USB 2.0.
#include <array>

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

    Bench bench{target(GetParam())};
    const bool has_three_settings = bench.target.name.starts_with("btt");
};

// 9.6.1, 9.6.3, 9.6.5, device, configuration and interface descriptors; in the Address and in the Configured state.
TEST_P(Chapter9Test, DescriptorsInAddressAndConfiguredState) {
    for (const bool configured : {true, false}) {
        if (!configured) unconfigure();
        const auto device = in(device_in, GET_DESCRIPTOR, 0x0100, 0, 255);
        ASSERT_TRUE(device);
        EXPECT_EQ(device->size(), 18U);
        EXPECT_EQ((*device)[0], 18);
        EXPECT_EQ((*device)[7], 64);
        EXPECT_EQ((*device)[12] | (*device)[13] << 8, 0x0210) << "bcdDevice is the version";
        const auto configuration = in(device_in, GET_DESCRIPTOR, 0x0200, 0, 255);
        ASSERT_TRUE(configuration);
        EXPECT_EQ(configuration->size(), has_three_settings ? 45U : 27U);
        EXPECT_EQ((*configuration)[2], configuration->size());
        EXPECT_EQ((*configuration)[8], 50) << "bMaxPower, 100 mA";
        EXPECT_EQ(in(device_in, GET_DESCRIPTOR, 0x0200, 0, 9)->size(), 9U) << "as short as asked";
    }
}

// 9.4.3: what a full-speed device does not have is a Request Error.
TEST_P(Chapter9Test, DescriptorsThatAreNotThereAreStalled) {
    for (const auto value :
         std::to_array<std::uint16_t>({0x0600, 0x0700, 0x0101, 0x0201, 0x0400, 0x0500, 0x0305, 0x2100}))
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
