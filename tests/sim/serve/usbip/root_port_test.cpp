// SPDX-License-Identifier: ISC
// Queues of transfers over frames: order, fairness, toggles that requests set back.
#include "sim/serve/usbip/root_port.hpp"

#include <gtest/gtest.h>

#include "tests/sim/serve/usbip/scripted_port.hpp"

namespace sim::usbip::test {
namespace {

constexpr auto ack = Handshake::ack;

/// A configuration with bulk IN 81, bulk OUT 01 and interrupt IN 82; alternate setting 1 has 83
/// instead.
EnumeratedDevice device() {
    EnumeratedDevice device;
    device.configuration_descriptor = {9, 2, 55,   0, 1, 1,    0, 0x80, 50,                    //
                                       9, 4, 0,    0, 3, 0xff, 0, 0,    0,                     //
                                       7, 5, 0x81, 2, 8, 0,    0, 7,    5,  0x01, 2, 8, 0, 0,  //
                                       7, 5, 0x82, 3, 8, 0,    4,                              //
                                       9, 4, 0,    1, 1, 0xff, 0, 0,    0,                     //
                                       7, 5, 0x83, 2, 8, 0,    0};
    return device;
}

class UsbipRootPortTest : public testing::Test {
  protected:
    UsbipRootPortTest() { root.open(device()); }

    Submit transfer(std::uint32_t sequence, std::uint8_t endpoint, Direction direction, std::uint32_t length,
                    std::uint32_t interval = 0) {
        return {.sequence = sequence,
                .direction = direction,
                .endpoint = endpoint,
                .length = length,
                .interval = interval,
                .data = direction == Direction::out ? Bytes(length) : Bytes()};
    }
    Submit request(std::uint32_t sequence, std::array<std::uint8_t, 8> setup) {
        return {.sequence = sequence, .setup = setup, .data = {}};
    }

    ScriptedBench bench;
    ScriptedPort& port = bench.port;
    RootPort root{bench.host};
};

TEST_F(UsbipRootPortTest, AnIdleFrameIsOneMillisecond) {
    const Time before = bench.host.now();
    for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(root.run_frame().empty());
    EXPECT_NEAR(seconds(bench.host.now() - before), 0.010, 0.001);
}

TEST_F(UsbipRootPortTest, OneEndpointWorksInOrder) {
    root.submit(transfer(1, 1, Direction::out, 20));
    root.submit(transfer(2, 1, Direction::out, 4));
    port.answers = {ack, ack, ack, ack};
    const auto done = root.run_frame();
    ASSERT_EQ(done.size(), 2U);
    EXPECT_EQ(done[0].sequence, 1U);
    EXPECT_EQ(done[0].length, 20U);
    EXPECT_EQ(done[1].sequence, 2U);
    EXPECT_TRUE(port.seen[3].data1);
}

TEST_F(UsbipRootPortTest, AnEndpointThatSaysNakHoldsNobodyUp) {
    root.submit(transfer(1, 1, Direction::in, 8));
    root.submit(transfer(2, 1, Direction::out, 8));
    port.answers = {ack};
    const auto done = root.run_frame();
    ASSERT_EQ(done.size(), 1U);
    EXPECT_EQ(done[0].sequence, 2U);
    EXPECT_EQ(root.pending(), 1U);
    EXPECT_LT(port.seen.size(), 20U) << "a frame is not spent on asking";
}

TEST_F(UsbipRootPortTest, AnInterruptEndpointIsAskedOncePerInterval) {
    root.submit(transfer(1, 2, Direction::in, 8, 4));
    for (int i = 0; i < 12; ++i)
        EXPECT_TRUE(root.run_frame().empty());
    EXPECT_EQ(port.seen.size(), 3U);
}

TEST_F(UsbipRootPortTest, AnUnlinkedTransferIsGoneAndTheNextOneRuns) {
    root.submit(transfer(1, 1, Direction::in, 8));
    root.submit(transfer(2, 1, Direction::in, 8));
    EXPECT_TRUE(root.run_frame().empty());
    EXPECT_TRUE(root.unlink(1));
    EXPECT_FALSE(root.unlink(1));
    port.packets = {packet(false, {1})};
    const auto done = root.run_frame();
    ASSERT_EQ(done.size(), 1U);
    EXPECT_EQ(done[0].sequence, 2U);
    EXPECT_EQ(done[0].data, (Bytes{1}));
}

TEST_F(UsbipRootPortTest, RequestsSetTogglesBack) {
    const auto write_once = [&](std::uint32_t sequence) {
        port.seen.clear();
        root.submit(transfer(sequence, 1, Direction::out, 1));
        port.answers = {ack};
        EXPECT_EQ(root.run_frame().size(), 1U);
        return port.seen.at(0).data1;
    };
    const auto ask = [&](std::array<std::uint8_t, 8> setup) {
        root.submit(request(9, setup));
        port.answers = {ack};
        port.packets = {packet(true, {})};
        EXPECT_EQ(root.run_frame().size(), 1U);
    };
    EXPECT_FALSE(write_once(1));
    EXPECT_TRUE(write_once(2));
    EXPECT_FALSE(write_once(3));
    ask({0x02, 1, 0, 0, 0x01, 0, 0, 0});  // CLEAR_FEATURE(ENDPOINT_HALT) of 01
    EXPECT_FALSE(write_once(4));
    ask({0x00, 9, 1, 0, 0, 0, 0, 0});  // SET_CONFIGURATION
    EXPECT_FALSE(write_once(5));
    EXPECT_TRUE(write_once(6));
    EXPECT_FALSE(write_once(7));
    ask({0x02, 1, 0, 0, 0x81, 0, 0, 0});  // of another endpoint
    EXPECT_TRUE(write_once(8));
}

TEST_F(UsbipRootPortTest, EndpointsFollowTheAlternateSetting) {
    root.submit(transfer(1, 3, Direction::in, 8));
    auto done = root.run_frame();
    ASSERT_EQ(done.size(), 1U) << "no such endpoint in alternate setting 0";
    EXPECT_EQ(done[0].status, TransferStatus::fault);
    EXPECT_TRUE(port.seen.empty());

    root.submit(request(2, {0x01, 11, 1, 0, 0, 0, 0, 0}));
    port.answers = {ack};
    port.packets = {packet(true, {})};
    EXPECT_EQ(root.run_frame().size(), 1U);
    root.submit(transfer(3, 3, Direction::in, 8));
    port.packets = {packet(false, {7})};
    done = root.run_frame();
    ASSERT_EQ(done.size(), 1U);
    EXPECT_EQ(done[0].status, TransferStatus::ok);
}

TEST_F(UsbipRootPortTest, ADescriptorThatLiesAboutItsLengthsIsSurvived) {
    for (std::size_t size = 0; size < 55; ++size) {
        auto cut = device();
        cut.configuration_descriptor.resize(size);
        root.open(cut);
        auto zero = device();
        zero.configuration_descriptor[size] = 0;
        root.open(zero);
        auto huge = device();
        huge.configuration_descriptor[size] = 0xff;
        root.open(huge);
    }
}

}  // namespace
}  // namespace sim::usbip::test
