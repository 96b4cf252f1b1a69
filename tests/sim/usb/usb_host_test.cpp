// SPDX-License-Identifier: ISC
// Frames, port and raw transactions of the host model.
#include <stdexcept>

#include <gtest/gtest.h>

#include "sim/usb/host.hpp"
#include "tests/sim/usb/fake_port.hpp"

namespace sim::test {
namespace {

TEST(UsbHostFrames, SendsASofEachMillisecondWithAnElevenBitNumber) {
    Bench bench;
    bench.enable();
    bench.host.advance(3'000 * millisecond);
    const auto sofs = bench.port.of_kind('F');
    ASSERT_EQ(sofs.size(), 3'000U);
    for (std::size_t i = 1; i < sofs.size(); ++i) {
        EXPECT_EQ(sofs[i].at - sofs[i - 1].at, millisecond);
        EXPECT_EQ(sofs[i].frame, (sofs[i - 1].frame + 1) % 2'048);
    }
}

TEST(UsbHostFrames, SendsNoSofToAPortThatIsNotEnabled) {
    Bench bench;
    bench.host.advance(50 * millisecond);
    EXPECT_TRUE(bench.port.of_kind('F').empty());
}

TEST(UsbHostFrames, NineteenPacketsOf64BytesFitAFrameAndNoMore) {
    Bench bench;
    bench.enable();
    bench.host.next_frame();
    bench.port.events.clear();
    std::vector<std::uint8_t> packet(64);
    for (std::size_t i = 0; i < packet.size(); ++i)
        packet[i] = static_cast<std::uint8_t>(i * 37);
    for (int i = 0; i < 40; ++i)
        bench.host.raw_out(0, 0, false, packet);
    int in_frame = 0;
    for (const auto& event : bench.port.events) {
        if (event.kind == 'F') break;
        ++in_frame;
    }
    EXPECT_EQ(in_frame, 19);
}

TEST(UsbHostFrames, SofsStayOnTheirGridUnderLoad) {
    Bench bench;
    bench.enable();
    const std::vector<std::uint8_t> packet(64, 0xFF);
    for (int i = 0; i < 100; ++i)
        bench.host.raw_out(0, 0, false, packet);
    const auto sofs = bench.port.of_kind('F');
    ASSERT_GE(sofs.size(), 5U);
    for (std::size_t i = 1; i < sofs.size(); ++i)
        EXPECT_EQ(sofs[i].at - sofs[i - 1].at, millisecond);
}

TEST(UsbHostFrames, CatchUpWhenTheDeviceOvershoots) {
    Bench bench;
    bench.enable();
    bench.clock.run_until(bench.host.now() + 20 * millisecond);
    EXPECT_EQ(bench.host.raw_out(0, 0, false, {}), Handshake::ack);
    EXPECT_GE(bench.port.of_kind('F').size(), 20U);
}

TEST(UsbHostFrames, ATransactionLongerThanAFrameIsRefused) {
    Bench bench;
    bench.enable();
    EXPECT_THROW(bench.host.raw_out(0, 0, false, std::vector<std::uint8_t>(1'600)), std::invalid_argument);
}

TEST(UsbHostFrames, NoTransactionIsUnderWayAtASof) {
    Bench bench;
    bench.enable();
    const std::vector<std::uint8_t> packet(64, 0xFF);
    for (int i = 0; i < 100; ++i)
        bench.host.raw_out(0, 0, false, packet);
    for (std::size_t i = 1; i < bench.port.events.size(); ++i) {
        const auto& event = bench.port.events[i];
        if (event.kind != 'O') continue;
        // Its packets began this long before the device had them all.
        const Time began = event.at - bit_times(bits_to_device(packet));
        EXPECT_GE(began, bench.port.events[i - 1].at);
    }
}

TEST(UsbHostPort, AConnectionCountsAfterItsDebounce) {
    Bench bench;
    bench.clock.on_time = [&](Time now) {
        // Bounces for 30 ms.
        bench.port.is_attached = now >= 30 * millisecond || now / (2 * millisecond) % 2 == 1;
    };
    EXPECT_TRUE(bench.host.wait_for_attach(1'000 * millisecond));
    EXPECT_GE(bench.host.now(), 130 * millisecond);
    EXPECT_LE(bench.host.now(), 131 * millisecond);
}

TEST(UsbHostPort, NothingAttachedIsSaidAfterTheLimit) {
    Bench bench;
    bench.port.is_attached = false;
    EXPECT_FALSE(bench.host.wait_for_attach(300 * millisecond));
    EXPECT_EQ(bench.host.now(), 300 * millisecond);
    EXPECT_FALSE(bench.host.reset_port());
}

TEST(UsbHostPort, ResetDrivesSe0ThenWaits) {
    Bench bench;
    bench.host.wait_for_attach(200 * millisecond);
    EXPECT_EQ(bench.host.port_state(), PortState::disabled);
    EXPECT_TRUE(bench.host.reset_port(15 * millisecond));
    const auto begin = bench.port.of_kind('R').at(0).at, end = bench.port.of_kind('r').at(0).at;
    EXPECT_EQ(end - begin, 15 * millisecond);
    EXPECT_GE(bench.host.now() - end, 10 * millisecond);
    EXPECT_EQ(bench.host.port_state(), PortState::enabled);
    for (const auto& sof : bench.port.of_kind('F'))
        EXPECT_GT(sof.at, end);
}

TEST(UsbHostPort, SeesTheDeviceLeaveWhileIdleAndComeBackDisabled) {
    Bench bench;
    bench.enable();
    const Time start = bench.host.now();
    bench.clock.on_time = [&](Time now) {
        bench.port.is_attached = now < start + 20 * millisecond || now > start + 21 * millisecond;
    };
    EXPECT_TRUE(bench.host.wait_for_detach(1'000 * millisecond));
    EXPECT_LE(bench.host.now(), start + 21 * millisecond);
    bench.host.advance(10 * millisecond);
    EXPECT_EQ(bench.host.port_state(), PortState::disabled) << "a new device needs a reset";
}

TEST(UsbHostPort, SuspendStopsSofsAndResumeBringsThemBack) {
    Bench bench;
    bench.enable();
    bench.host.suspend();
    bench.port.events.clear();
    bench.host.advance(100 * millisecond);
    EXPECT_TRUE(bench.port.events.empty());
    EXPECT_FALSE(bench.host.remote_wakeup_seen());
    bench.port.wants_resume = true;
    bench.host.advance(millisecond);
    EXPECT_TRUE(bench.host.remote_wakeup_seen());

    bench.host.resume();
    EXPECT_EQ(bench.port.of_kind('k').at(0).at - bench.port.of_kind('K').at(0).at, 20 * millisecond);
    EXPECT_GE(bench.port.of_kind('F').size(), 9U);
}

TEST(UsbHostPort, StateCanBePutBack) {
    Bench bench;
    bench.enable();
    bench.host.talk_to(5, 8);
    const auto state = bench.host.state();
    bench.host.talk_to(6, 64);
    bench.host.suspend();
    bench.host.set_state(state);
    EXPECT_EQ(bench.host.address(), 5);
    EXPECT_EQ(bench.host.max_packet_size(), 8);
    EXPECT_EQ(bench.host.port_state(), PortState::enabled);
}

}  // namespace
}  // namespace sim::test
