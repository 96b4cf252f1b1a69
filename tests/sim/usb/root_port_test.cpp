// SPDX-License-Identifier: ISC
// Queues of transfers over frames: order, fairness, toggles that requests set back.
#include "sim/usb/root_port.hpp"

#include <gtest/gtest.h>

#include "tests/sim/usb/scripted_port.hpp"

namespace sim::test {
namespace {

using Bytes = std::vector<std::uint8_t>;
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

class RootPortTest : public testing::Test {
  protected:
    RootPortTest() { root.open(device()); }

    /// Of a bulk or interrupt endpoint, by its bEndpointAddress.
    TransferRequest transfer(std::uint32_t id, std::uint8_t endpoint, std::size_t length, unsigned interval = 0) {
        const bool in = (endpoint & 0x80) != 0;
        return {.id = id, .endpoint = endpoint, .length = length, .data = Bytes(in ? 0 : length), .interval = interval};
    }
    TransferRequest request(std::uint32_t id, std::array<std::uint8_t, 8> setup) { return {.id = id, .setup = setup}; }

    ScriptedBench bench;
    ScriptedPort& port = bench.port;
    RootPort root{bench.host};
};

TEST_F(RootPortTest, AnIdleFrameIsOneMillisecond) {
    const Time before = bench.host.now();
    for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(root.run_frame().empty());
    EXPECT_NEAR(seconds(bench.host.now() - before), 0.010, 0.001);
}

TEST_F(RootPortTest, OneEndpointWorksInOrder) {
    root.submit(transfer(1, 0x01, 20));
    root.submit(transfer(2, 0x01, 4));
    port.answers = {ack, ack, ack, ack};
    const auto done = root.run_frame();
    ASSERT_EQ(done.size(), 2U);
    EXPECT_EQ(done[0].id, 1U);
    EXPECT_EQ(done[0].result.length, 20U);
    EXPECT_EQ(done[1].id, 2U);
    EXPECT_TRUE(port.seen[3].data1);
}

TEST_F(RootPortTest, AnEndpointThatSaysNakHoldsNobodyUp) {
    root.submit(transfer(1, 0x81, 8));
    root.submit(transfer(2, 0x01, 8));
    port.answers = {ack};
    const auto done = root.run_frame();
    ASSERT_EQ(done.size(), 1U);
    EXPECT_EQ(done[0].id, 2U);
    EXPECT_EQ(root.pending(), 1U);
    EXPECT_LT(port.seen.size(), 20U) << "a frame is not spent on asking";
}

TEST_F(RootPortTest, AnInterruptEndpointIsAskedOncePerInterval) {
    root.submit(transfer(1, 0x82, 8, 4));
    for (int i = 0; i < 12; ++i)
        EXPECT_TRUE(root.run_frame().empty());
    EXPECT_EQ(port.seen.size(), 3U);
}

TEST_F(RootPortTest, AnUnlinkedTransferIsGoneAndTheNextOneRuns) {
    root.submit(transfer(1, 0x81, 8));
    root.submit(transfer(2, 0x81, 8));
    EXPECT_TRUE(root.run_frame().empty());
    EXPECT_TRUE(root.unlink(1));
    EXPECT_FALSE(root.unlink(1));
    port.packets = {packet(false, {1})};
    const auto done = root.run_frame();
    ASSERT_EQ(done.size(), 1U);
    EXPECT_EQ(done[0].id, 2U);
    EXPECT_EQ(done[0].data, (Bytes{1}));
}

TEST_F(RootPortTest, RequestsSetTogglesBack) {
    const auto write_once = [&](std::uint32_t sequence) {
        port.seen.clear();
        root.submit(transfer(sequence, 0x01, 1));
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

TEST_F(RootPortTest, EndpointsFollowTheAlternateSetting) {
    root.submit(transfer(1, 0x83, 8));
    auto done = root.run_frame();
    ASSERT_EQ(done.size(), 1U) << "no such endpoint in alternate setting 0";
    EXPECT_EQ(done[0].result.end, TransferEnd::violation);
    EXPECT_TRUE(port.seen.empty());

    root.submit(request(2, {0x01, 11, 1, 0, 0, 0, 0, 0}));
    port.answers = {ack};
    port.packets = {packet(true, {})};
    EXPECT_EQ(root.run_frame().size(), 1U);
    root.submit(transfer(3, 0x83, 8));
    port.packets = {packet(false, {7})};
    done = root.run_frame();
    ASSERT_EQ(done.size(), 1U);
    EXPECT_EQ(done[0].result.end, TransferEnd::ok);
}

TEST_F(RootPortTest, ADescriptorThatLiesAboutItsLengthsIsSurvived) {
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
}  // namespace sim::test
