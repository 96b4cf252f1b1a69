// SPDX-License-Identifier: ISC
// The control endpoint alone: transfers out of packets, on a register that changes while it works.
#include <gtest/gtest.h>

#include "tests/unit/firmware/control_fixture.hpp"

namespace firmware_test {
namespace {

TEST_F(ControlTest, OneResetIsOneReset) {
    EXPECT_EQ(Script::resets, 1U);
    expect_alive();
}

TEST_F(ControlTest, DataStagesToTheHost) {
    struct Row {
        std::uint16_t has, asked;
        std::vector<std::size_t> packets;
    };
    // USB 2.0 section 5.5.3: an empty packet ends what is shorter than asked and ends on a full packet, and only that.
    const Row rows[] = {
        {10, 64, {10}},       {64, 64, {64}},          {64, 65, {64, 0}},        {64, 255, {64, 0}},
        {128, 128, {64, 64}}, {128, 200, {64, 64, 0}}, {128, 1024, {64, 64, 0}}, {200, 100, {64, 36}},
        {200, 64, {64}},      {200, 128, {64, 64}},    {65, 65, {64, 1}},        {0, 8, {0}},
        {1000, 8, {8}},       {63, 64, {63}},          {127, 128, {64, 63}},
    };
    for (const Row& row : rows) {
        const unsigned done = Script::done;
        const Transfer transfer = bus.in(ask(row.has, row.asked));
        EXPECT_EQ(transfer.result, Result::ok) << row.has << " of " << row.asked;
        EXPECT_EQ(transfer.packets, row.packets) << row.has << " of " << row.asked;
        EXPECT_EQ(transfer.data, source(std::min(row.has, row.asked)));
        EXPECT_EQ(Script::done, done + 1) << row.has << " of " << row.asked;
    }
}

TEST_F(ControlTest, NothingAskedIsNothingSentAndDone) {
    EXPECT_EQ(bus.in(ask(18, 0)).result, Result::ok);
    EXPECT_EQ(Script::done, 1U);
    expect_alive();
}

TEST_F(ControlTest, DataStagesFromTheHost) {
    for (const std::uint16_t length : std::to_array<std::uint16_t>({1, 2, 63, 64, 65, 128, 129, 1000, 1023})) {
        Script::clear();
        Endpoint0::Packet data(length);
        for (std::size_t i = 0; i < data.size(); ++i)
            data[i] = static_cast<std::uint8_t>(i * 3);
        EXPECT_EQ(bus.out(give(length), data).result, Result::ok) << length;
        EXPECT_TRUE(std::equal(data.begin(), data.end(), Script::sink.begin())) << length;
        EXPECT_EQ(Script::done, 1U);
    }
}

TEST_F(ControlTest, RequestsWithoutData) {
    EXPECT_EQ(bus.out(just).result, Result::ok);
    EXPECT_EQ(Script::done, 1U);
    expect_alive();
}

TEST_F(ControlTest, WhatNobodyAnswersIsStalledBothWays) {
    EXPECT_EQ(bus.in({0xC0, 99, 0, 0, 8}).result, Result::stall);
    EXPECT_EQ(bus.out(unknown).result, Result::stall);
    EXPECT_EQ(bus.out({0x40, 99, 0, 0, 8}, Endpoint0::Packet(8)).result, Result::stall);
    EXPECT_EQ(Script::done, 0U);
    expect_alive();
}

TEST_F(ControlTest, MoreDataThanAnnouncedIsStalledAndNotStored) {
    ASSERT_EQ(bus.send_setup(give(10)), Result::ok);
    ASSERT_EQ(bus.data_out(Endpoint0::Packet(11, 0x55), true), Result::ok) << "the ACK comes first";
    EXPECT_EQ(bus.status_in(), Result::stall);
    EXPECT_EQ(Script::done, 0U);
    EXPECT_EQ(Script::sink[0], 0xEE);
    expect_alive();
}

TEST_F(ControlTest, LessDataThanAnnouncedIsStalled) {
    ASSERT_EQ(bus.send_setup(give(100)), Result::ok);
    ASSERT_EQ(bus.data_out(Endpoint0::Packet(30, 0x55), true), Result::ok);
    EXPECT_EQ(bus.status_in(), Result::stall);
    EXPECT_EQ(Script::done, 0U);
    expect_alive();
}

TEST_F(ControlTest, DataBehindTheLastByteIsStalled) {
    ASSERT_EQ(bus.send_setup(give(64)), Result::ok);
    ASSERT_EQ(bus.data_out(Endpoint0::Packet(64, 1), true), Result::ok);
    ASSERT_EQ(bus.data_out(Endpoint0::Packet(1, 2), false), Result::ok) << "the ACK comes first";
    EXPECT_EQ(bus.status_in(), Result::stall);
    expect_alive();
}

TEST_F(ControlTest, TheHostMayEndADataStageEarly) {
    ASSERT_EQ(bus.send_setup(ask(200, 200)), Result::ok);
    EXPECT_EQ(endpoint.in().bytes.size(), 64U);
    control.poll();
    EXPECT_EQ(bus.status_out(), Result::ok);
    EXPECT_EQ(Script::done, 1U);
    expect_alive();
}

TEST_F(ControlTest, TheHostMayEndADataStageBeforeItsFirstPacket) {
    ASSERT_EQ(bus.send_setup(ask(200, 200)), Result::ok);
    EXPECT_EQ(bus.status_out(), Result::ok);
    expect_alive();
}

TEST_F(ControlTest, AStatusStageBeforeAllDataHasToWait) {
    ASSERT_EQ(bus.send_setup(give(128)), Result::ok);
    ASSERT_EQ(bus.data_out(Endpoint0::Packet(64), true), Result::ok);
    EXPECT_NE(bus.status_in(), Result::ok);
    EXPECT_EQ(Script::done, 0U);
    expect_alive();
}

TEST_F(ControlTest, PacketsThatTheHostDidNotHearAreRepeated) {
    ASSERT_EQ(bus.send_setup(ask(100, 100)), Result::ok);
    const auto first = endpoint.in(false);
    control.poll();
    const auto again = endpoint.in(true);
    EXPECT_EQ(first.bytes, again.bytes);
    EXPECT_EQ(first.data1, again.data1);
    control.poll();
    EXPECT_EQ(endpoint.in().bytes.size(), 36U);
}

TEST_F(ControlTest, TheLastPacketAndTheStatusStageMayBeRepeated) {
    ASSERT_EQ(bus.send_setup(give(65)), Result::ok);
    ASSERT_EQ(bus.data_out(Endpoint0::Packet(64, 1), true), Result::ok);
    ASSERT_EQ(bus.data_out(Endpoint0::Packet(1, 2), false), Result::ok);
    EXPECT_EQ(endpoint.out(Endpoint0::Packet(1, 2), false), Handshake::ack) << "the device's ACK was lost";
    EXPECT_EQ(bus.status_in(), Result::ok);
    ASSERT_EQ(bus.in(ask(20, 20)).result, Result::ok);
    EXPECT_EQ(endpoint.out({}, true), Handshake::ack);
    control.poll();
    EXPECT_EQ(Script::done, 2U);
    expect_alive();
}

TEST_F(ControlTest, ASetupThatIsRepeatedIsServedOnce) {
    for (const usb::Setup& setup : {just, give(10), ask(20, 20), unknown}) {
        bus.reset();  // another SETUP would tell that the one before was heard
        Script::clear();
        ASSERT_EQ(bus.send_setup(setup), Result::ok);
        ASSERT_EQ(bus.send_setup(setup), Result::ok);
        EXPECT_EQ(Script::unheard + Script::done, 0U) << "nothing has taken effect";
    }
    // While it is being served, too: the peripheral is ready for it before the answer is.
    std::array<std::uint8_t, 8> bytes{};
    std::memcpy(bytes.data(), &just, sizeof just);
    ASSERT_EQ(endpoint.setup(bytes), Handshake::ack);
    Script::during_setup = [&] { EXPECT_EQ(endpoint.setup(bytes), Handshake::ack); };
    control.poll();
    control.poll();
    EXPECT_EQ(bus.status_in(), Result::ok);
    EXPECT_EQ(Script::done, 1U);
}

/// USB 2.0 section 8.5.3.3: a host that goes on has seen the status stage, whether or not its ACK arrived.
TEST_F(ControlTest, AnotherSetupTellsThatTheStatusStageWasSeen) {
    ASSERT_EQ(bus.send_setup(just), Result::ok);
    ASSERT_EQ(endpoint.in(false).handshake, Handshake::ack);
    control.poll();
    expect_alive();
    EXPECT_EQ(Script::unheard, 1U);
    ASSERT_EQ(bus.out(just).result, Result::ok);
    expect_alive();
    ASSERT_EQ(bus.send_setup(just), Result::ok);
    bus.reset();
    expect_alive();
    EXPECT_EQ(Script::unheard, 1U) << "not where it was heard, nor across a reset";
}

TEST_F(ControlTest, PacketsThatTheDeviceHasAlreadyAreDropped) {
    ASSERT_EQ(bus.send_setup(give(65)), Result::ok);
    ASSERT_EQ(bus.data_out(Endpoint0::Packet(64, 1), true), Result::ok);
    ASSERT_EQ(bus.data_out(Endpoint0::Packet(64, 1), true), Result::ok) << "the same once more";
    ASSERT_EQ(bus.data_out(Endpoint0::Packet(1, 2), false), Result::ok);
    EXPECT_EQ(bus.status_in(), Result::ok);
    EXPECT_EQ(Script::sink[64], 2);
}

/// Every stage of every kind of transfer, left for a new SETUP.
TEST_F(ControlTest, ASetupInTheMiddleOfAnything) {
    const std::vector<std::function<void()>> beginnings = {
        [&] { (void)bus.send_setup(ask(200, 200)); },
        [&] {
            (void)bus.send_setup(ask(200, 200));
            (void)endpoint.in();
        },
        [&] {
            (void)bus.send_setup(ask(200, 200));
            (void)endpoint.in();
            control.poll();
        },
        [&] {
            (void)bus.send_setup(ask(20, 20));
            (void)endpoint.in();
            control.poll();
        },
        [&] { (void)bus.send_setup(give(200)); },
        [&] {
            (void)bus.send_setup(give(200));
            (void)bus.data_out(Endpoint0::Packet(64), true);
        },
        [&] {
            (void)bus.send_setup(give(64));
            (void)bus.data_out(Endpoint0::Packet(64), true);
        },
        [&] { (void)bus.send_setup(just); },
        [&] { (void)bus.send_setup(unknown); },
        [&] { (void)bus.out(unknown); },
    };
    for (std::size_t i = 0; i < beginnings.size(); ++i) {
        beginnings[i]();
        expect_alive();
        beginnings[i]();
        EXPECT_EQ(bus.out(give(3), {1, 2, 3}).result, Result::ok) << i;
        beginnings[i]();
        EXPECT_EQ(bus.out(just).result, Result::ok) << i;
        beginnings[i]();
        EXPECT_EQ(bus.out(unknown).result, Result::stall) << i;
    }
}

/// What arrives between the firmware's read of EPnR and its write must still be there afterwards.
TEST_F(ControlTest, EventsBetweenReadAndWriteAreNotLost) {
    // The status stage of a transfer to the host follows at once on its last packet.
    ASSERT_EQ(bus.send_setup(ask(20, 20)), Result::ok);
    ASSERT_EQ(endpoint.in().handshake, Handshake::ack);
    Handshake status{};
    endpoint.after_read = [&] { status = endpoint.out({}, true); };
    control.poll();
    ASSERT_EQ(status, Handshake::ack);
    EXPECT_EQ(Script::done, 0U) << "not seen yet";
    control.poll();
    EXPECT_EQ(Script::done, 1U);
    expect_alive();

    // A host that gives up and begins anew while its packet is served.
    ASSERT_EQ(bus.send_setup(give(200)), Result::ok);
    ASSERT_EQ(endpoint.out(Endpoint0::Packet(64), true), Handshake::ack);
    const unsigned setups = Script::setups;
    std::array<std::uint8_t, 8> bytes{};
    const usb::Setup next = ask(5, 5);
    std::memcpy(bytes.data(), &next, sizeof next);
    endpoint.after_read = [&] { EXPECT_EQ(endpoint.setup(bytes), Handshake::none) << "the packet is not served yet"; };
    control.poll();
    EXPECT_EQ(endpoint.setup(bytes), Handshake::ack);
    control.poll();
    EXPECT_EQ(Script::setups, setups + 1);
    EXPECT_EQ(endpoint.in().bytes, source(5));
    control.poll();
    expect_alive();
}

TEST_F(ControlTest, ASetupBetweenReadAndWriteIsServedNext) {
    for (const std::uint16_t length : {std::uint16_t{20}, std::uint16_t{200}}) {
        ASSERT_EQ(bus.send_setup(ask(length, length)), Result::ok);
        ASSERT_EQ(endpoint.in().handshake, Handshake::ack);
        std::array<std::uint8_t, 8> bytes{};
        std::memcpy(bytes.data(), &just, sizeof just);
        endpoint.after_read = [&] { EXPECT_EQ(endpoint.setup(bytes), Handshake::ack); };
        control.poll();
        control.poll();
        EXPECT_EQ(bus.status_in(), Result::ok);
        expect_alive();
    }
}

TEST_F(ControlTest, ASetupWhileTheOneBeforeIsServedIsServedNext) {
    std::array<std::uint8_t, 8> bytes{};
    const usb::Setup next = ask(5, 5);
    std::memcpy(bytes.data(), &next, sizeof next);
    for (const usb::Setup& first : {ask(20, 20), give(20), just, unknown}) {
        Script::clear();
        Script::during_setup = [&] { EXPECT_EQ(endpoint.setup(bytes), Handshake::ack); };
        ASSERT_EQ(bus.send_setup(first), Result::ok);
        control.poll();
        EXPECT_EQ(Script::setups, 2U);
        EXPECT_EQ(endpoint.in().bytes, source(5)) << "the answer to the first is void";
        control.poll();
        expect_alive();
    }
}

TEST_F(ControlTest, AResetWithAPacketThatWasNeverServed) {
    ASSERT_EQ(bus.send_setup(give(200)), Result::ok);
    ASSERT_EQ(endpoint.out(Endpoint0::Packet(64), true), Handshake::ack);
    bus.reset();
    expect_alive();

    std::array<std::uint8_t, 8> bytes{};
    ASSERT_EQ(endpoint.setup(bytes), Handshake::ack);
    const unsigned setups = Script::setups;
    bus.reset();
    EXPECT_EQ(Script::setups, setups) << "what came before the reset does not count any more";
    expect_alive();
}

TEST_F(ControlTest, AResetBetweenReadAndWrite) {
    const std::vector<std::function<void()>> beginnings = {
        [&] { (void)endpoint.setup({0xC0, Script::send, 200, 0, 0, 0, 200, 0}); },
        [&] { (void)endpoint.setup({0x40, Script::receive, 0, 0, 0, 0, 64, 0}); },
        [&] { (void)endpoint.setup({0x40, Script::acknowledge, 0, 0, 0, 0, 0, 0}); },
        [&] { (void)endpoint.setup({0x40, 99, 0, 0, 0, 0, 0, 0}); },
        [&] {
            (void)bus.send_setup(give(64));
            (void)endpoint.out(Endpoint0::Packet(64), true);
        },
        [&] {
            (void)bus.send_setup(ask(20, 20));
            (void)endpoint.in();
        },
        [&] {
            (void)bus.send_setup(just);
            (void)endpoint.in();
        },
    };
    for (std::size_t i = 0; i < beginnings.size(); ++i) {
        SCOPED_TRACE(i);
        beginnings[i]();
        endpoint.after_read = [&] { endpoint.bus_reset(); };
        control.poll();
        control.poll();
        expect_alive();
    }
}

}  // namespace
}  // namespace firmware_test
