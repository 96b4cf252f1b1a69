// SPDX-License-Identifier: ISC
// Exceptions, faults, sleep and time, by programs that run on the chip.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/chip/program.hpp"

namespace sim::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Core, RunsExceptionsByPriorityAndMask) {
    Machine machine;
    machine.load(program("priorities"));
    machine.power_on();
    machine.run_for(millisecond);
    EXPECT_THAT(marks(machine), ElementsAre(11, 12, 14, 1, 2, 20, 19, 21, 3, 19, 4, 20, 21, 5));
}

TEST(Core, TurnsBadAccessesIntoFaults) {
    Machine machine;
    machine.load(program("faults"));
    machine.power_on();
    machine.run_for(millisecond);
    EXPECT_THAT(marks(machine), ElementsAre(3, 5, 6, 6, 5, 99));
    EXPECT_EQ(result(machine, 0x80 / 4 + 1), 0x8200u) << "PRECISERR, BFARVALID";
    EXPECT_EQ(result(machine, 0x80 / 4 + 3), 0x0100'0000u) << "UNALIGNED";
    EXPECT_EQ(result(machine, 0x80 / 4 + 4), 0x0001'0000u) << "UNDEFINSTR";
    EXPECT_EQ(result(machine, 0x80 / 4 + 5), 0x8200u) << "a byte written to flash";
    EXPECT_EQ(machine.flash()[0x401], 0xff) << "and it was not written";
}

TEST(Core, OnlyNotesBusFaultsWhereTheProgramWantsThemIgnored) {
    Machine machine;
    machine.load(program("ignored_faults"));
    machine.power_on();
    machine.run_for(millisecond);
    EXPECT_EQ(result(machine, 0x80 / 4 + 0), 0x8200u) << "a byte";
    EXPECT_EQ(result(machine, 0x80 / 4 + 1), 0x8200u) << "a word, by a wide instruction";
    EXPECT_EQ(result(machine, 0x80 / 4 + 2), 0x8200u) << "a store";
    EXPECT_EQ(result(machine, 0x80 / 4 + 3), 0u) << "what is there";
    EXPECT_THAT(marks(machine), ElementsAre(1, 2));
}

TEST(Core, StacksOnTheProcessStack) {
    Machine machine;
    machine.load(program("psp"));
    machine.power_on();
    machine.run_for(millisecond);
    EXPECT_EQ(result(machine, 0), 0x2000'0800u);
    EXPECT_EQ(result(machine, 1), 0x2000'0800u);
    EXPECT_EQ(result(machine, 2), 2u);
    EXPECT_EQ(result(machine, 3), 0x2000'1000u);
    EXPECT_EQ(result(machine, 4), 0x2000'07e0u);
    EXPECT_EQ(result(machine, 5), 0xffff'fffdu);
}

TEST(Core, SleepsBetweenTicks) {
    BoardWiring wiring;
    wiring.has_led = true;
    Machine machine(stm32f103c8, wiring);
    machine.load(program("systick_wfi"));
    int toggles = 0;
    machine.on_pin_change({'C', 13}, [&](Time, Level) { ++toggles; });
    machine.power_on();
    machine.run_for(1000 * millisecond + 500 * microsecond);
    EXPECT_EQ(result(machine, 0), 1000u);
    EXPECT_TRUE(machine.sleeping());
    EXPECT_NEAR(toggles, 1001, 1);
    EXPECT_LT(machine.counters().instructions, 20'000u) << "sleep costs no instructions";
}

TEST(Core, WaitingLoopsAreSkippedAndEndOnTime) {
    Machine machine;
    machine.load(program("poll"));
    machine.power_on();
    machine.run_for(Time{1'990'000'000});
    EXPECT_NE(result(machine, 0), 1u) << "the HSE takes 2 ms";
    machine.run_for(Time{20'000'000});
    EXPECT_EQ(result(machine, 0), 1u);
    machine.run_for(500 * millisecond);
    EXPECT_EQ(result(machine, 0), 1u);
    machine.drive_pin({'A', 0}, Level::high);
    machine.run_for(3 * microsecond);
    EXPECT_EQ(result(machine, 0), 2u);
    EXPECT_LT(machine.counters().instructions, 60'000u);
}

TEST(Core, WithoutACrystalTheLoopNeverEnds) {
    BoardWiring wiring;
    wiring.hse_hz = 0;
    Machine machine(stm32f103c8, wiring);
    machine.load(program("poll"));
    machine.power_on();
    machine.run_for(1000 * millisecond);
    EXPECT_NE(result(machine, 0), 1u);
}

TEST(Core, RefusesWhatIsNotModelled) {
    Machine machine;
    machine.load(program("blind"));
    machine.power_on();
    try {
        machine.run_for(millisecond);
        FAIL() << "ADC3 is not modelled";
    } catch (const MachineError& error) {
        EXPECT_EQ(error.kind(), MachineError::Kind::refused);
        EXPECT_THAT(error.cause(), HasSubstr("0x40013c00"));
        EXPECT_THAT(error.cause(), HasSubstr("ADC3_SR is not modelled"));
        EXPECT_THAT(error.cause(), HasSubstr("PC 0x0800"));
    }
}

TEST(Core, LenientGoesOnAndCounts) {
    std::vector<std::string> log;
    Machine machine(stm32f103c8, {}, {.lenient = true, .log = [&](const std::string& line) { log.push_back(line); }});
    machine.load(program("blind"));
    machine.power_on();
    machine.run_for(millisecond);
    EXPECT_EQ(result(machine, 0), 1u);
    EXPECT_EQ(result(machine, 1), 0u) << "a peripheral without clock reads as zero";
    EXPECT_EQ(machine.counters().complaints, 3u);
    EXPECT_THAT(machine.complaints().at(1), HasSubstr("the clock of GPIOB is off"));
    EXPECT_FALSE(log.empty());
}

TEST(Core, LocksUpWhenTheVectorsAreBlank) {
    Machine machine;
    try {
        machine.power_on();
        machine.run_for(millisecond);
        FAIL() << "0xFFFFFFFF is not a reset vector";
    } catch (const MachineError& error) {
        EXPECT_EQ(error.kind(), MachineError::Kind::lockup);
    }
}

TEST(Core, TellsWhenAnAddressIsReached) {
    Machine machine;
    machine.load(program("poll"));
    Time first = never;
    machine.on_execute(machine.read_word(0x0800'0004) & ~1u, [&](Time when) { first = std::min(first, when); });
    machine.power_on();
    machine.run_for(millisecond);
    EXPECT_LT(first, microsecond);
}

TEST(Core, FlashOperationsStallTheCore) {
    Machine machine;
    machine.load(program("flash_write"));
    machine.power_on();
    machine.run_for(Time{19'900'000'000});
    const std::uint64_t instructions = machine.counters().instructions;
    EXPECT_LT(instructions, 60u) << "code in flash does not poll BSY, it waits";
    machine.run_for(millisecond);
    EXPECT_EQ(result(machine, 0), 0u);
    EXPECT_EQ(result(machine, 1), 0x20u) << "EOP";
    EXPECT_EQ(result(machine, 2), 0xbeefu);
    EXPECT_EQ(result(machine, 3) & 4, 4u) << "PGERR";
    EXPECT_EQ(result(machine, 4), 0xbeefu);
    EXPECT_EQ(result(machine, 5), 0u);
    EXPECT_EQ(machine.flash()[0x1000], 0);
    EXPECT_EQ(machine.flash()[0x1001], 0);
}

}  // namespace
}  // namespace sim::test
