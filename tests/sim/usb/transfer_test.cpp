// SPDX-License-Identifier: ISC
// One transfer, packet by packet, against a script.
#include "sim/usb/transfer.hpp"

#include <gtest/gtest.h>

#include "tests/sim/usb/scripted_port.hpp"

namespace sim::test {
namespace {

using Step = Transfer::Step;
using Bytes = std::vector<std::uint8_t>;
constexpr auto ack = Handshake::ack;

class TransferTest : public testing::Test {
  protected:
    /// Steps until it is over; fails when that takes forever.
    TransferEnd run(Transfer& transfer) {
        for (int i = 0; i < 1000; ++i)
            if (transfer.step(bench.host, data1) == Step::over) return transfer.result().end;
        ADD_FAILURE() << "never over";
        return TransferEnd::ok;
    }

    static TransferRequest read_control(std::uint8_t length) {
        return {.setup = {0x80, 6, 0, 1, 0, 0, length, 0}, .length = length};
    }
    static TransferRequest write_control(const Bytes& data) {
        const auto length = static_cast<std::uint8_t>(data.size());
        return {.setup = {0x21, 1, 0, 0, 0, 0, length, 0}, .length = length, .data = data};
    }
    static TransferRequest bulk_in(std::size_t length) { return {.endpoint = 0x81, .length = length}; }
    static TransferRequest bulk_out(std::size_t length) {
        return {.endpoint = 0x01, .length = length, .data = Bytes(length, 0x55)};
    }

    ScriptedBench bench;
    ScriptedPort& port = bench.port;
    bool data1 = false;
};

TEST_F(TransferTest, ControlInEndsWithAShortPacketAndAnOutStatus) {
    port.answers = {ack, ack};
    port.packets = {packet(true, Bytes(8, 1)), packet(false, {2, 3})};
    Transfer transfer(read_control(64), 8);
    EXPECT_EQ(run(transfer), TransferEnd::ok);
    EXPECT_EQ(transfer.result().length, 10U);
    EXPECT_EQ(transfer.data().back(), 3);
    ASSERT_EQ(port.seen.size(), 4U);
    EXPECT_EQ(port.seen[3], (ScriptedPort::Packet{'O', 0, true, {}}));
}

TEST_F(TransferTest, ControlOutTogglesFromData1) {
    port.answers = {ack, ack, ack};
    port.packets = {packet(true, {})};
    Transfer transfer(write_control(Bytes(10, 7)), 8);
    EXPECT_EQ(run(transfer), TransferEnd::ok);
    EXPECT_EQ(transfer.result().length, 10U);
    ASSERT_EQ(port.seen.size(), 4U);
    EXPECT_TRUE(port.seen[1].data1);
    EXPECT_FALSE(port.seen[2].data1);
    EXPECT_EQ(port.seen[2].bytes.size(), 2U);
}

TEST_F(TransferTest, AStallIsAnAnswer) {
    port.answers = {ack};
    port.packets = {{Handshake::stall, false, {}}};
    Transfer transfer(read_control(8), 8);
    EXPECT_EQ(run(transfer), TransferEnd::stall);
    EXPECT_EQ(transfer.result().detail, "STALL in the data stage");
}

TEST_F(TransferTest, NakWaitsForEverSilenceThreeTimes) {
    port.answers = {ack};
    Transfer waits(read_control(8), 8);
    EXPECT_EQ(waits.step(bench.host, data1), Step::moved);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(waits.step(bench.host, data1), Step::waits);

    port.answers = {Handshake::none, Handshake::none, Handshake::none, ack};
    Transfer fails(read_control(8), 8);
    EXPECT_EQ(run(fails), TransferEnd::no_response);
    EXPECT_EQ(port.answers.size(), 1U);
}

TEST_F(TransferTest, BulkKeepsItsToggleFromTransferToTransfer) {
    port.answers = {ack, ack, ack};
    Transfer first(bulk_out(9), 8);
    EXPECT_EQ(run(first), TransferEnd::ok);
    EXPECT_FALSE(data1);
    Transfer second(bulk_out(1), 8);
    EXPECT_EQ(run(second), TransferEnd::ok);
    EXPECT_TRUE(data1);
}

TEST_F(TransferTest, AnEmptyPacketFollowsWhereTheClientWantsOne) {
    port.answers = {ack, ack};
    Transfer without(bulk_out(8), 8);
    EXPECT_EQ(run(without), TransferEnd::ok);
    EXPECT_EQ(port.seen.size(), 1U);
    port.seen.clear();
    port.answers = {ack, ack};
    auto ended = bulk_out(8);
    ended.zero_length_end = true;
    Transfer with(ended, 8);
    EXPECT_EQ(run(with), TransferEnd::ok);
    ASSERT_EQ(port.seen.size(), 2U);
    EXPECT_TRUE(port.seen[1].bytes.empty());
}

TEST_F(TransferTest, ANakInTheMiddleSendsTheSamePacketAgain) {
    port.answers = {Handshake::nak, ack};
    Transfer transfer(bulk_out(4), 8);
    EXPECT_EQ(run(transfer), TransferEnd::ok);
    ASSERT_EQ(port.seen.size(), 2U);
    EXPECT_EQ(port.seen[0], port.seen[1]);
}

TEST_F(TransferTest, TooMuchDataAndWrongTogglesAreNoticed) {
    port.packets = {packet(false, Bytes(5, 0))};
    Transfer babble(bulk_in(4), 8);
    EXPECT_EQ(run(babble), TransferEnd::overrun);
    port.answers = {ack};
    port.packets = {packet(false, Bytes(4, 0))};
    Transfer toggle(read_control(4), 8);
    EXPECT_EQ(run(toggle), TransferEnd::violation);
}

TEST_F(TransferTest, ARepeatedPacketIsDropped) {
    port.packets = {packet(false, Bytes(8, 1)), packet(false, Bytes(8, 1)), packet(true, {2})};
    Transfer transfer(bulk_in(64), 8);
    EXPECT_EQ(run(transfer), TransferEnd::ok);
    EXPECT_EQ(transfer.data(), (Bytes{1, 1, 1, 1, 1, 1, 1, 1, 2}));
}

TEST_F(TransferTest, LessThanAskedForIsAnErrorOnlyWhereTheClientSaysSo) {
    port.answers = {ack, ack};
    port.packets = {packet(true, {1})};
    Transfer content(read_control(8), 8);
    EXPECT_EQ(run(content), TransferEnd::ok);
    port.answers = {ack, ack};
    port.packets = {packet(true, {1})};
    auto all = read_control(8);
    all.all_wanted = true;
    Transfer strict(all, 8);
    EXPECT_EQ(run(strict), TransferEnd::underrun);
    EXPECT_EQ(strict.result().length, 1U);
}

}  // namespace
}  // namespace sim::test
