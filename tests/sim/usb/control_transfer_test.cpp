// SPDX-License-Identifier: ISC
// Control transfers of the host model: stages, toggles, retries, refusals and what they cost.
#include <gtest/gtest.h>

#include "tests/sim/usb/fake_port.hpp"

namespace sim::test {
namespace {

using Data = std::vector<std::uint8_t>;

class ControlTransferTest : public testing::Test {
  protected:
    void SetUp() override {
        bench.enable();
        bench.port.on_in = [this](const flasher::SetupPacket&) { return device_data; };
        bench.port.on_out = [this](const flasher::SetupPacket&, const Data& data) {
            received = data;
            return takes_it;
        };
    }

    TransferResult read(std::uint16_t length) {
        buffer.assign(length, 0xEE);
        return bench.host.control_in({0xA1, 3, 0, 0, length}, buffer);
    }
    TransferResult write(const Data& data) {
        return bench.host.control_out({0x21, 1, 0, 0, static_cast<std::uint16_t>(data.size())}, data);
    }
    std::string kinds() const {
        std::string text;
        for (const auto& event : bench.port.events)
            if (event.kind != 'F') text += event.kind;
        return text;
    }

    Bench bench;
    std::optional<Data> device_data = Data(6, 7);
    Data received, buffer;
    bool takes_it = true;
};

TEST_F(ControlTransferTest, ReadsShortData) {
    const auto result = read(64);
    EXPECT_TRUE(result.ok()) << result.detail;
    EXPECT_EQ(result.length, 6U);
    EXPECT_EQ(Data(buffer.begin(), buffer.begin() + 6), Data(6, 7));
    EXPECT_EQ(kinds(), "SIO");
    EXPECT_TRUE(bench.port.of_kind('O')[0].data1) << "the status stage is DATA1";
}

TEST_F(ControlTransferTest, ReadsAFullPacketThenAnEmptyOneWhenMoreWasAskedFor) {
    device_data = Data(64, 7);
    EXPECT_EQ(read(255).length, 64U);
    EXPECT_EQ(kinds(), "SIIO");
}

TEST_F(ControlTransferTest, StopsReadingAtWLength) {
    device_data = Data(128, 7);
    EXPECT_EQ(read(128).length, 128U);
    EXPECT_EQ(kinds(), "SIIO");
}

TEST_F(ControlTransferTest, WritesPacketsWithAlternatingToggles) {
    Data data(150);
    for (std::size_t i = 0; i < data.size(); ++i)
        data[i] = static_cast<std::uint8_t>(i);
    EXPECT_TRUE(write(data).ok());
    EXPECT_EQ(received, data);
    EXPECT_EQ(kinds(), "SOOOI");
    const auto packets = bench.port.of_kind('O');
    EXPECT_TRUE(packets[0].data1 && !packets[1].data1 && packets[2].data1);
    EXPECT_FALSE(bench.port.of_kind('S')[0].data1);
    EXPECT_EQ(packets[2].length, 22U);
}

TEST_F(ControlTransferTest, RetriesNaks) {
    // A NAK to the SETUP itself is forbidden, so that one passes first.
    device_data = Data(4, 1);
    bench.port.on_in = [this](const flasher::SetupPacket&) {
        bench.port.faults = {Handshake::nak, Handshake::nak};
        return device_data;
    };
    EXPECT_TRUE(read(4).ok());
    EXPECT_EQ(kinds(), "SIIIO");
}

TEST_F(ControlTransferTest, AStallIsAnAnswerAndTheNextTransferWorks) {
    device_data.reset();
    EXPECT_EQ(read(4).end, TransferEnd::stall);
    device_data = Data(4, 1);
    EXPECT_TRUE(read(4).ok());
    takes_it = false;
    EXPECT_EQ(write(Data(3)).end, TransferEnd::stall);
}

TEST_F(ControlTransferTest, GivesUpAfterThreeStrikes) {
    bench.port.address = 9;
    const auto result = read(4);
    EXPECT_EQ(result.end, TransferEnd::no_response);
    EXPECT_EQ(kinds(), "SSS");
    EXPECT_LT(bench.host.counters().transactions, 5U);
}

TEST_F(ControlTransferTest, TwoStrikesAreForgiven) {
    bench.port.faults = {Handshake::none, Handshake::none};
    EXPECT_TRUE(read(4).ok());
    EXPECT_EQ(kinds(), "SSSIO");
}

TEST_F(ControlTransferTest, ASetupMustNotBeNakedOrStalled) {
    bench.port.faults = {Handshake::nak, Handshake::stall, Handshake::nak};
    EXPECT_EQ(read(4).end, TransferEnd::no_response);
}

TEST_F(ControlTransferTest, EndlessNaksEndInATimeout) {
    bench.port.on_in = [this](const flasher::SetupPacket&) {
        bench.port.faults.assign(2'000'000, Handshake::nak);
        return device_data;
    };
    const Time start = bench.host.now();
    EXPECT_EQ(read(4).end, TransferEnd::timeout);
    EXPECT_GE(bench.host.now() - start, 5'000 * millisecond);
    EXPECT_LE(bench.host.now() - start, 5'003 * millisecond);
}

TEST_F(ControlTransferTest, AWrongToggleIsReported) {
    bench.port.wrong_toggle = true;
    const auto result = read(4);
    EXPECT_EQ(result.end, TransferEnd::violation);
    EXPECT_EQ(result.detail, "byte 0 of the data stage came as DATA0 instead of DATA1");
    EXPECT_EQ(write(Data(2)).end, TransferEnd::violation) << "status stage with DATA0";
}

TEST_F(ControlTransferTest, TooMuchDataIsReported) {
    bench.port.next_in_packet = Data(5);
    EXPECT_EQ(read(4).end, TransferEnd::overrun);
    bench.host.talk_to(0, 8);
    bench.port.next_in_packet = Data(9);
    EXPECT_EQ(read(64).end, TransferEnd::overrun);
}

TEST_F(ControlTransferTest, AStatusStageWithDataIsReported) {
    bench.port.next_in_packet = Data(1);
    EXPECT_EQ(write({}).end, TransferEnd::violation);
}

TEST_F(ControlTransferTest, ADeviceThatLeavesInTheMiddleIsGone) {
    bench.port.on_in = [this](const flasher::SetupPacket&) {
        bench.port.is_attached = false;
        return device_data;
    };
    EXPECT_EQ(read(4).end, TransferEnd::gone);
    EXPECT_EQ(read(4).end, TransferEnd::gone);
}

TEST_F(ControlTransferTest, EachTransferStartsWithAFrameOfItsOwn) {
    for (int i = 0; i < 10; ++i)
        read(4);
    const auto setups = bench.port.of_kind('S');
    const auto sofs = bench.port.of_kind('F');
    for (std::size_t i = 1; i < setups.size(); ++i)
        EXPECT_GE(setups[i].at - setups[i - 1].at, millisecond - bit_times(2));
    for (const auto& setup : setups) {
        const auto before = std::ranges::find_if(
            sofs, [&](const auto& sof) { return setup.at - sof.at >= Time{} && setup.at - sof.at < 20 * microsecond; });
        EXPECT_NE(before, sofs.end());
    }
}

TEST_F(ControlTransferTest, NakLimitPerFrameSlowsTheRetries) {
    auto timing = bench.host.timing();
    timing.naks_per_frame = 1;
    bench.host.set_timing(timing);
    bench.port.on_in = [this](const flasher::SetupPacket&) {
        bench.port.faults.assign(10, Handshake::nak);
        return device_data;
    };
    const Time start = bench.host.now();
    EXPECT_TRUE(read(4).ok());
    EXPECT_GE(bench.host.now() - start, 10 * millisecond);
}

}  // namespace
}  // namespace sim::test
