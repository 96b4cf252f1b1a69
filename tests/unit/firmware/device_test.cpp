// SPDX-License-Identifier: ISC
// Standard requests (USB 2.0 section 9.4) and vendor requests, right and wrong.
#include <gtest/gtest.h>

#include "tests/unit/firmware/test_device.hpp"

namespace firmware_test {
namespace {

struct StandardRequests : ::testing::Test {
    TestDevice<Standard> dut;

    Transfer in(std::uint8_t type, std::uint8_t request, std::uint16_t value, std::uint16_t index,
                std::uint16_t length) {
        return dut.bus.in({type, request, value, index, length});
    }
    Result out(std::uint8_t type, std::uint8_t request, std::uint16_t value, std::uint16_t index = 0) {
        return dut.bus.out({type, request, value, index, 0}).result;
    }
};

TEST_F(StandardRequests, TheAddressCountsFromTheEndOfTheStatusStage) {
    ASSERT_EQ(dut.bus.send_setup({0x00, 5, 42, 0, 0}), Result::ok);
    EXPECT_EQ(dut.endpoint.address(), 0);
    ASSERT_EQ(dut.bus.status_in(), Result::ok);
    EXPECT_EQ(dut.endpoint.address(), 42);
    dut.bus.reset();
    EXPECT_EQ(dut.endpoint.address(), 0);
    EXPECT_EQ(out(0x00, 5, 127), Result::ok);
    EXPECT_EQ(dut.endpoint.address(), 127);
}

TEST_F(StandardRequests, AnAddressWhoseStatusStageNeverCameIsForgotten) {
    ASSERT_EQ(dut.bus.send_setup({0x00, 5, 42, 0, 0}), Result::ok);
    ASSERT_EQ(in(0x80, 6, 0x0100, 0, 18).result, Result::ok);
    EXPECT_EQ(dut.endpoint.address(), 0);
    ASSERT_EQ(dut.bus.send_setup({0x00, 5, 42, 0, 0}), Result::ok);
    dut.bus.reset();
    ASSERT_EQ(in(0x80, 6, 0x0100, 0, 18).result, Result::ok);
    EXPECT_EQ(dut.endpoint.address(), 0);
}

TEST_F(StandardRequests, AddressZeroLeadsBackToTheDefaultState) {
    ASSERT_EQ(out(0x00, 5, 42), Result::ok);
    ASSERT_EQ(out(0x00, 5, 0), Result::ok);
    EXPECT_EQ(dut.endpoint.address(), 0);
}

TEST_F(StandardRequests, Configuration) {
    dut.bus.reset();
    EXPECT_EQ(in(0x80, 8, 0, 0, 1).data, Image{0});
    EXPECT_EQ(out(0x00, 9, 1), Result::ok);
    EXPECT_EQ(in(0x80, 8, 0, 0, 1).data, Image{1});
    EXPECT_EQ(out(0x00, 9, 2), Result::stall);
    EXPECT_EQ(in(0x80, 8, 0, 0, 1).data, Image{1});
    EXPECT_EQ(out(0x00, 9, 0), Result::ok);
    EXPECT_EQ(in(0x80, 8, 0, 0, 1).data, Image{0});
    EXPECT_EQ(out(0x00, 9, 1), Result::ok);
    dut.bus.reset();
    EXPECT_EQ(in(0x80, 8, 0, 0, 1).data, Image{0});
}

TEST_F(StandardRequests, WhatIsNotSupportedIsStalled) {
    EXPECT_EQ(in(0x80, 6, 0x0600, 0, 10).result, Result::stall) << "device qualifier: full speed";
    EXPECT_EQ(in(0x80, 6, 0x0700, 0, 9).result, Result::stall) << "other speed configuration";
    EXPECT_EQ(in(0x80, 6, 0x0101, 0, 18).result, Result::stall) << "there is one device";
    EXPECT_EQ(in(0x80, 6, 0x0201, 0, 9).result, Result::stall) << "and one configuration";
    EXPECT_EQ(in(0x80, 6, 0x0305, 0x0409, 255).result, Result::stall);
    EXPECT_EQ(in(0x80, 6, 0x03EF, 0x0409, 255).result, Result::stall);
    EXPECT_EQ(in(0x80, 6, 0x2100, 0, 9).result, Result::stall);
    for (const std::uint16_t key : std::to_array<std::uint16_t>({0xF002, 0xF004, 0xF007, 0xFF00}))
        EXPECT_EQ(in(0x80, 6, key, 0, 255).result, Result::stall) << key;
    EXPECT_EQ(out(0x00, 1, 1), Result::stall) << "CLEAR_FEATURE";
    EXPECT_EQ(out(0x00, 3, 1), Result::stall) << "SET_FEATURE";
    EXPECT_EQ(in(0x82, 12, 0, 0, 2).result, Result::stall) << "SYNCH_FRAME";
    EXPECT_EQ(dut.bus.out({0x00, 7, 0x0100, 0, 4}, {1, 2, 3, 4}).result, Result::stall);
    EXPECT_EQ(out(0x80, 5, 9), Result::stall) << "SET_ADDRESS to the host";
    EXPECT_EQ(in(0x83, 0, 0, 0, 2).result, Result::stall) << "GET_STATUS of something other";
    EXPECT_EQ(in(0x80, 0xFF, 0, 0, 2).result, Result::stall);
    EXPECT_EQ(in(0xA0, 3, 0, 0, 6).result, Result::stall) << "class request to the device";
    EXPECT_EQ(in(0xA2, 3, 0, 0, 6).result, Result::stall);
}

TEST_F(StandardRequests, VendorRequestsNeedTheirCodeAndIndex) {
    EXPECT_EQ(in(0xC0, usb::vendor_code, 0, 7, 512).result, Result::ok);
    for (const std::uint16_t index : std::to_array<std::uint16_t>({0, 1, 3, 5, 6, 8, 0x0107}))
        EXPECT_EQ(in(0xC0, usb::vendor_code, 1, index, 512).result, Result::stall) << index;
    for (const std::uint16_t index : std::to_array<std::uint16_t>({0x1002, 0xF002, 0xF007}))
        EXPECT_EQ(in(0xC0, usb::vendor_code, 1, index, 512).result, Result::stall) << index;
    EXPECT_EQ(in(0xC0, usb::vendor_code + 1, 0, 7, 512).result, Result::stall);
    EXPECT_EQ(out(0x40, usb::vendor_code, 0, 7), Result::stall);
}

TEST_F(StandardRequests, EverythingElseAlsoGetsAnAnswer) {
    for (unsigned type = 0; type < 256; ++type) {
        for (unsigned request = 0; request < 256; ++request) {
            const usb::Setup setup{static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(request), 0, 0, 0};
            const bool to_host = type >= 0x80;
            const Transfer transfer = to_host ? dut.bus.in(setup) : dut.bus.out(setup);
            ASSERT_TRUE(transfer.result == Result::ok || transfer.result == Result::stall) << type << ' ' << request;
            if (dut.leaves()) dut.start();  // DFU_DETACH
            (void)dut.request(Request::DFU_CLRSTATUS);
        }
    }
    EXPECT_EQ(in(0x80, 6, 0x0100, 0, 18).data.size(), 18U);
}

}  // namespace
}  // namespace firmware_test
