// SPDX-License-Identifier: ISC
// Serial wire at the pins, and an ST-Link's commands, where st-flash and OpenOCD do not go.
#include "sim/debug/stlink.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/usb/bus_timing.hpp"
#include "tests/sim/debug/counting.hpp"

namespace sim::test {
namespace {

using debug::Acknowledgement;
using debug::StLink;
using debug::Swd;
using debug::SwdLink;
using Bytes = StLink::Bytes;

constexpr std::uint32_t nobody = 0x6000'0000, ram = 0x2000'0100;

class SerialWireTest : public testing::Test {
  protected:
    SerialWireTest() {
        load_counting(machine);
        machine.power_on();
    }
    /// The acknowledgement to a read of DPIDR, bit by bit.
    static unsigned ask_identification(Swd& wire) {
        for (unsigned at = 0; at < 8; ++at)
            wire.clock((0xa5 >> at & 1) != 0);
        wire.clock(std::nullopt);
        unsigned acknowledgement = 0;
        for (unsigned at = 0; at < 3; ++at)
            acknowledgement |= static_cast<unsigned>(wire.clock(std::nullopt)) << at;
        for (unsigned at = 0; at < 34; ++at)
            wire.clock(std::nullopt);
        return acknowledgement;
    }
    static void send(Swd& wire, std::uint64_t bits, unsigned count) {
        for (unsigned at = 0; at < count; ++at)
            wire.clock((bits >> at & 1) != 0);
    }
    static void line_reset(Swd& wire) {
        send(wire, ~std::uint64_t{0}, 56);
        send(wire, 0, 8);
    }
    Machine machine;
    SwdLink link{machine, [this](unsigned periods) { machine.run_for(periods * Time{555'000}); }};
};

TEST_F(SerialWireTest, IsSilentUntilThePortIsSwitchedFromJtag) {
    Swd wire(machine);
    line_reset(wire);
    EXPECT_EQ(ask_identification(wire), 7U);
    send(wire, ~std::uint64_t{0}, 56);
    send(wire, 0xe79e, 16);
    line_reset(wire);
    EXPECT_EQ(ask_identification(wire), 1U);
    send(wire, ~std::uint64_t{0}, 56);
    send(wire, 0xe73c, 16);
    line_reset(wire);
    EXPECT_EQ(ask_identification(wire), 7U) << "JTAG again";
}

TEST_F(SerialWireTest, IsSilentAfterAMalformedRequestUntilALineReset) {
    Swd wire(machine);
    send(wire, ~std::uint64_t{0}, 56);
    send(wire, 0xe79e, 16);
    line_reset(wire);
    send(wire, 0x85, 8);  // wrong parity
    EXPECT_EQ(ask_identification(wire), 7U);
    line_reset(wire);
    EXPECT_EQ(ask_identification(wire), 1U);
}

TEST_F(SerialWireTest, WantsToBeAskedWhoItIsFirst) {
    Swd wire(machine);
    send(wire, ~std::uint64_t{0}, 56);
    send(wire, 0xe79e, 16);
    line_reset(wire);
    send(wire, 0x8d, 8);  // CTRL/STAT
    EXPECT_TRUE(wire.clock(std::nullopt) && wire.clock(std::nullopt) && wire.clock(std::nullopt));
}

TEST_F(SerialWireTest, IsGoneWhereTheProgramTookThePins) {
    ASSERT_EQ(link.connect(), Acknowledgement::ok);
    ASSERT_TRUE(machine.probe_write(0x4002'1018, 4, 1));            // RCC_APB2ENR.AFIOEN
    ASSERT_TRUE(machine.probe_write(0x4001'0004, 4, 0x0200'0000));  // serial wire only
    EXPECT_EQ(link.connect(), Acknowledgement::ok);
    ASSERT_TRUE(machine.probe_write(0x4001'0004, 4, 0x0400'0000));  // nothing
    EXPECT_EQ(link.connect(), Acknowledgement::none);
    machine.hold_reset(true);
    EXPECT_EQ(link.connect(), Acknowledgement::ok) << "under reset the pins are the port's again";
}

TEST_F(SerialWireTest, FaultsUntilTheErrorIsCleared) {
    ASSERT_EQ(link.connect(), Acknowledgement::ok);
    std::array<std::uint8_t, 4> word{};
    EXPECT_EQ(link.read_memory(nobody, 4, word), Acknowledgement::fault);
    EXPECT_EQ(link.read_memory(0x0800'0000, 4, word), Acknowledgement::ok) << "the link clears it";
    EXPECT_EQ(word[1] << 8 | word[0], counting::stack & 0xffff);
    EXPECT_EQ(link.write_memory(nobody, 4, word), Acknowledgement::fault);
    machine.power_off();
    EXPECT_EQ(link.read_memory(ram, 4, word), Acknowledgement::none);
}

RC_GTEST_FIXTURE_PROP(SerialWireTest, SurvivesNoiseAtThePins, (const std::vector<std::uint8_t>& noise)) {
    Swd wire(machine);
    for (const std::uint8_t bits : noise)
        wire.clock((bits & 2) != 0 ? std::nullopt : std::optional((bits & 1) != 0));
    send(wire, ~std::uint64_t{0}, 60);
    send(wire, 0xe79e, 16);
    line_reset(wire);
    RC_ASSERT(ask_identification(wire) == 1U);
}

class StLinkTest : public SerialWireTest {
  protected:
    Bytes ask(Bytes command, std::size_t room) {
        command.resize(16);
        probe.take(command);
        return probe.give(room).value_or(Bytes{});
    }
    static Bytes addressed(std::uint8_t what, std::uint32_t address, std::uint16_t length) {
        return {0xf2,
                what,
                static_cast<std::uint8_t>(address),
                static_cast<std::uint8_t>(address >> 8),
                static_cast<std::uint8_t>(address >> 16),
                static_cast<std::uint8_t>(address >> 24),
                static_cast<std::uint8_t>(length),
                static_cast<std::uint8_t>(length >> 8)};
    }
    std::uint8_t last_status() { return ask({0xf2, 0x3b}, 2).at(0); }
    void enter() { ASSERT_EQ(ask({0xf2, 0x30, 0xa3}, 2), (Bytes{0x80, 0})); }

    StLink probe{machine,
                 {.let_pass = [this](Time span) { machine.run_for(span); },
                  .hold_reset = [this](bool low) { machine.hold_reset(low); },
                  .log = [](const std::string&) {}}};
};

TEST_F(StLinkTest, SaysWhatItIsAndInWhichMode) {
    EXPECT_EQ(ask({0xf1}, 6), (Bytes{0x29, 0x47, 0x83, 0x04, 0x48, 0x37}));
    EXPECT_EQ(ask({0xf5}, 2), (Bytes{1, 0}));
    enter();
    EXPECT_EQ(ask({0xf5}, 2), (Bytes{2, 0}));
    EXPECT_EQ(ask({0xf2, 0x31}, 12), (Bytes{0x80, 0, 0, 0, 0x77, 0x14, 0xa0, 0x1b, 0, 0, 0, 0}));
}

TEST_F(StLinkTest, FindsNoChipWithoutPower) {
    machine.power_off();
    EXPECT_EQ(ask({0xf2, 0x30, 0xa3}, 2), (Bytes{0x09, 0}));
    EXPECT_EQ(ask({0xf5}, 2), (Bytes{1, 0})) << "and is in no debug mode";
}

TEST_F(StLinkTest, WritesAndReadsInEveryWidth) {
    enter();
    ASSERT_EQ(ask({0xf2, 0x35, 0xf0, 0xed, 0x00, 0xe0, 0x03, 0x00, 0x5f, 0xa0}, 2), (Bytes{0x80, 0}));  // halted
    const Bytes sent{1, 2, 3, 4, 5, 6, 7, 8};
    for (const auto& [write, read] : {std::pair{0x08, 0x07}, std::pair{0x48, 0x47}, std::pair{0x0d, 0x0c}}) {
        EXPECT_TRUE(ask(addressed(static_cast<std::uint8_t>(write), ram + 1020, 8), 0).empty());
        probe.take(sent);
        EXPECT_EQ(last_status(), 0x80);
        EXPECT_EQ(ask(addressed(static_cast<std::uint8_t>(read), ram + 1020, 8), 8), sent);
        EXPECT_EQ(last_status(), 0x80);
    }
    EXPECT_EQ(ask(addressed(0x0c, ram + 1020, 1), 64).size(), 2U) << "a single byte comes with another";
}

TEST_F(StLinkTest, TellsOfAnAccessThatFailed) {
    enter();
    EXPECT_EQ(ask(addressed(0x07, nobody, 4), 4).size(), 4U);
    EXPECT_EQ(last_status(), 0x11);
    EXPECT_EQ(ask(addressed(0x07, 0x0800'0000, 4), 4).at(1), counting::stack >> 8 & 0xff);
    EXPECT_EQ(last_status(), 0x80);
    static_cast<void>(ask(addressed(0x0d, ram, 100), 0));  // more than byte-wise accesses may have
    probe.take(Bytes(99));                                 // and not what was announced
    EXPECT_EQ(last_status(), 0x11);
    EXPECT_EQ(ask({0xf2, 0x30, 0x00}, 2).at(0), 0x81) << "JTAG";
    EXPECT_EQ(ask({0xf2, 0x77}, 2).at(0), 0x0c);
}

TEST_F(StLinkTest, ReachesRegistersOfAHaltedCoreAndResetsIt) {
    enter();
    ASSERT_EQ(ask({0xf2, 0x35, 0xf0, 0xed, 0x00, 0xe0, 0x03, 0x00, 0x5f, 0xa0}, 2), (Bytes{0x80, 0}));
    EXPECT_TRUE(machine.halted());
    EXPECT_EQ(ask({0xf2, 0x34, 5, 0x78, 0x56, 0x34, 0x12}, 2), (Bytes{0x80, 0}));
    EXPECT_EQ(ask({0xf2, 0x33, 5}, 8), (Bytes{0x80, 0, 0, 0, 0x78, 0x56, 0x34, 0x12}));
    const Bytes all = ask({0xf2, 0x3a}, 88);
    ASSERT_EQ(all.size(), 88U);
    EXPECT_EQ(all[4 + 5 * 4], 0x78);
    const auto resets = machine.counters().resets;
    EXPECT_EQ(ask({0xf2, 0x3c, 2}, 2), (Bytes{0x80, 0}));
    EXPECT_GT(machine.counters().resets, resets);
}

// st-flash polls a limited number of times until its loader in RAM has halted; it does not look at a clock.
TEST_F(StLinkTest, TakesTheFramesOfItsTransfersFromTheBoard) {
    enter();
    constexpr int polls = 100;
    const Time before = machine.now();
    for (int poll = 0; poll < polls; ++poll)
        ASSERT_EQ(ask({0xf2, 0x36, 0xf0, 0xed, 0x00, 0xe0}, 8).size(), 8U);
    EXPECT_GE(machine.now() - before, polls * 2 * millisecond);
    EXPECT_LT(machine.now() - before, polls * 3 * millisecond);

    // Nothing passes while there is no answer to fetch.
    const Time idle = machine.now();
    EXPECT_FALSE(probe.give(64).has_value());
    EXPECT_EQ(machine.now(), idle);

    // 6144 bytes are 96 packets, of which a frame has 19 at most.
    static_cast<void>(ask(addressed(0x08, ram, 6144), 0));
    const Time announced = machine.now();
    probe.take(Bytes(6144));
    EXPECT_GE(machine.now() - announced, 6 * millisecond);
}

TEST_F(StLinkTest, GivesAnAnswerInPiecesAndForgetsOneThatNobodyFetched) {
    probe.take(Bytes{0xf1});
    EXPECT_EQ(probe.give(4)->size(), 4U);
    EXPECT_EQ(probe.give(4)->size(), 2U);
    EXPECT_FALSE(probe.give(4).has_value());
    probe.take(Bytes{0xf1});
    EXPECT_EQ(ask({0xf5}, 64).size(), 2U);
}

}  // namespace
}  // namespace sim::test
