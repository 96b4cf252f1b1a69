// SPDX-License-Identifier: ISC
// One transfer, packet by packet, against a script.
#include "sim/serve/usbip/transfer.hpp"

#include <gtest/gtest.h>

#include "tests/sim/serve/usbip/scripted_port.hpp"

namespace sim::usbip::test {
namespace {

using Step = Transfer::Step;
constexpr auto ack = Handshake::ack;

class UsbipTransferTest : public testing::Test {
  protected:
    /// Steps until it is over; fails when that takes forever.
    TransferStatus run(Transfer& transfer) {
        for (int i = 0; i < 1000; ++i)
            if (transfer.step(bench.host, data1) == Step::over) return transfer.status();
        ADD_FAILURE() << "never over";
        return TransferStatus::ok;
    }

    static Submit read_control(std::uint32_t length, std::uint32_t flags = 0) {
        return {.direction = Direction::in,
                .flags = flags,
                .length = length,
                .setup = {0x80, 6, 0, 1, 0, 0, static_cast<std::uint8_t>(length), 0},
                .data = {}};
    }
    static Submit write_control(Bytes data) {
        const auto length = static_cast<std::uint32_t>(data.size());
        return {.direction = Direction::out,
                .length = length,
                .setup = {0x21, 1, 0, 0, 0, 0, static_cast<std::uint8_t>(length), 0},
                .data = std::move(data)};
    }
    static Submit bulk(Direction direction, std::uint32_t length, std::uint32_t flags = 0) {
        return {.direction = direction,
                .endpoint = 1,
                .flags = flags,
                .length = length,
                .data = direction == Direction::out ? Bytes(length, 0x55) : Bytes()};
    }

    ScriptedBench bench;
    ScriptedPort& port = bench.port;
    bool data1 = false;
};

TEST_F(UsbipTransferTest, ControlInEndsWithAShortPacketAndAnOutStatus) {
    port.answers = {ack, ack};
    port.packets = {packet(true, Bytes(8, 1)), packet(false, {2, 3})};
    Transfer transfer(read_control(64), 8);
    EXPECT_EQ(run(transfer), TransferStatus::ok);
    EXPECT_EQ(transfer.length(), 10U);
    EXPECT_EQ(transfer.data().back(), 3);
    ASSERT_EQ(port.seen.size(), 4U);
    EXPECT_EQ(port.seen[3], (ScriptedPort::Packet{'O', 0, true, {}}));
}

TEST_F(UsbipTransferTest, ControlOutTogglesFromData1) {
    port.answers = {ack, ack, ack};
    port.packets = {packet(true, {})};
    Transfer transfer(write_control(Bytes(10, 7)), 8);
    EXPECT_EQ(run(transfer), TransferStatus::ok);
    EXPECT_EQ(transfer.length(), 10U);
    ASSERT_EQ(port.seen.size(), 4U);
    EXPECT_TRUE(port.seen[1].data1);
    EXPECT_FALSE(port.seen[2].data1);
    EXPECT_EQ(port.seen[2].bytes.size(), 2U);
}

TEST_F(UsbipTransferTest, AStallIsAnAnswer) {
    port.answers = {ack};
    port.packets = {{Handshake::stall, false, {}}};
    Transfer transfer(read_control(8), 8);
    EXPECT_EQ(run(transfer), TransferStatus::stall);
    EXPECT_EQ(static_cast<int>(transfer.status()), -32);
}

TEST_F(UsbipTransferTest, NakWaitsForEverSilenceThreeTimes) {
    port.answers = {ack};
    Transfer waits(read_control(8), 8);
    EXPECT_EQ(waits.step(bench.host, data1), Step::moved);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(waits.step(bench.host, data1), Step::waits);

    port.answers = {Handshake::none, Handshake::none, Handshake::none, ack};
    Transfer fails(read_control(8), 8);
    EXPECT_EQ(run(fails), TransferStatus::fault);
    EXPECT_EQ(port.answers.size(), 1U);
}

TEST_F(UsbipTransferTest, BulkKeepsItsToggleFromTransferToTransfer) {
    port.answers = {ack, ack, ack};
    Transfer first(bulk(Direction::out, 9), 8);
    EXPECT_EQ(run(first), TransferStatus::ok);
    EXPECT_FALSE(data1);
    Transfer second(bulk(Direction::out, 1), 8);
    EXPECT_EQ(run(second), TransferStatus::ok);
    EXPECT_TRUE(data1);
}

TEST_F(UsbipTransferTest, AnEmptyPacketFollowsWhereTheClientWantsOne) {
    port.answers = {ack, ack};
    Transfer without(bulk(Direction::out, 8), 8);
    EXPECT_EQ(run(without), TransferStatus::ok);
    EXPECT_EQ(port.seen.size(), 1U);
    port.seen.clear();
    port.answers = {ack, ack};
    Transfer with(bulk(Direction::out, 8, Submit::zero_packet), 8);
    EXPECT_EQ(run(with), TransferStatus::ok);
    ASSERT_EQ(port.seen.size(), 2U);
    EXPECT_TRUE(port.seen[1].bytes.empty());
}

TEST_F(UsbipTransferTest, ANakInTheMiddleSendsTheSamePacketAgain) {
    port.answers = {Handshake::nak, ack};
    Transfer transfer(bulk(Direction::out, 4), 8);
    EXPECT_EQ(run(transfer), TransferStatus::ok);
    ASSERT_EQ(port.seen.size(), 2U);
    EXPECT_EQ(port.seen[0], port.seen[1]);
}

TEST_F(UsbipTransferTest, TooMuchDataAndWrongTogglesAreNoticed) {
    port.packets = {packet(false, Bytes(5, 0))};
    Transfer babble(bulk(Direction::in, 4), 8);
    EXPECT_EQ(run(babble), TransferStatus::overflow);
    port.answers = {ack};
    port.packets = {packet(false, Bytes(4, 0))};
    Transfer toggle(read_control(4), 8);
    EXPECT_EQ(run(toggle), TransferStatus::fault);
}

TEST_F(UsbipTransferTest, ARepeatedPacketIsDropped) {
    port.packets = {packet(false, Bytes(8, 1)), packet(false, Bytes(8, 1)), packet(true, {2})};
    Transfer transfer(bulk(Direction::in, 64), 8);
    EXPECT_EQ(run(transfer), TransferStatus::ok);
    EXPECT_EQ(transfer.data(), (Bytes{1, 1, 1, 1, 1, 1, 1, 1, 2}));
}

TEST_F(UsbipTransferTest, LessThanAskedForIsAnErrorOnlyWhereTheClientSaysSo) {
    port.answers = {ack, ack};
    port.packets = {packet(true, {1})};
    Transfer content(read_control(8), 8);
    EXPECT_EQ(run(content), TransferStatus::ok);
    port.answers = {ack, ack};
    port.packets = {packet(true, {1})};
    Transfer strict(read_control(8, Submit::short_not_ok), 8);
    EXPECT_EQ(run(strict), TransferStatus::short_read);
    EXPECT_EQ(strict.length(), 1U);
}

TEST_F(UsbipTransferTest, AClientThatContradictsItselfReachesNoDevice) {
    auto longer = read_control(8);
    longer.length = 9;
    Transfer length(longer, 8);
    EXPECT_EQ(run(length), TransferStatus::fault);
    auto turned = read_control(8);
    turned.direction = Direction::out;
    turned.data.resize(8);
    Transfer direction(turned, 8);
    EXPECT_EQ(run(direction), TransferStatus::fault);
    EXPECT_TRUE(port.seen.empty());
}

}  // namespace
}  // namespace sim::usbip::test
