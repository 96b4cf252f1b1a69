// SPDX-License-Identifier: ISC
// Halting debug, FPB, DWT, vector catch and read protection, as a probe meets them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/debug/debugger.hpp"
#include "tests/sim/debug/counting.hpp"

namespace sim::test {
namespace {

using debug::CoreRegister;
using debug::Debugger;
using debug::Watch;

constexpr Time microsecond{1'000'000};

class HaltingDebug : public testing::Test {
  protected:
    HaltingDebug() {
        load_counting(machine);
        machine.power_on();
        debugger.attach();
    }
    void run() { machine.run_for(100 * microsecond); }
    std::uint32_t pc() { return debugger.reg(CoreRegister::pc); }

    Machine machine;
    Debugger debugger{machine};
};

TEST_F(HaltingDebug, StopsTheProgramAndLetsItGoOn) {
    run();
    debugger.halt();
    ASSERT_TRUE(debugger.halted());
    EXPECT_TRUE(debugger.take_cause().requested);
    const std::uint32_t count = debugger.reg(CoreRegister::r0);
    EXPECT_GT(count, 10u);
    run();
    EXPECT_EQ(debugger.reg(CoreRegister::r0), count) << "time passes, instructions do not";
    debugger.resume();
    run();
    EXPECT_GT(machine.core_register(0), count);
}

TEST_F(HaltingDebug, StepsOneInstruction) {
    debugger.halt();
    EXPECT_EQ(pc(), counting::start);
    for (const std::uint32_t expected :
         {counting::start + 2, counting::start + 4, counting::loop, counting::store, counting::load}) {
        debugger.step();
        run();
        ASSERT_TRUE(debugger.halted());
        EXPECT_EQ(pc(), expected);
    }
    EXPECT_EQ(machine.read_word(counting::stored_at), 1u);
}

TEST_F(HaltingDebug, ReadsAndWritesRegisters) {
    debugger.halt();
    EXPECT_EQ(debugger.reg(CoreRegister::sp), counting::stack);
    EXPECT_EQ(debugger.reg(CoreRegister::msp), counting::stack);
    EXPECT_EQ(debugger.reg(CoreRegister::xpsr), 0x0100'0000u);
    debugger.set_reg(CoreRegister::r0, 1000);
    debugger.set_reg(CoreRegister::sp, 0x2000'0800);
    debugger.set_reg(static_cast<CoreRegister>(1), 0x2000'0000);
    debugger.set_reg(CoreRegister::pc, counting::store);
    debugger.set_reg(CoreRegister::control_and_masks, 1);
    EXPECT_EQ(debugger.reg(CoreRegister::msp), 0x2000'0800u);
    EXPECT_EQ(debugger.reg(CoreRegister::control_and_masks), 1u) << "PRIMASK";
    debugger.step();
    run();
    EXPECT_EQ(machine.read_word(counting::stored_at), 1000u);
}

TEST_F(HaltingDebug, BreaksAtSixPlacesAndRefusesTheSeventh) {
    for (std::uint32_t at = 0; at < 5; ++at)
        EXPECT_TRUE(debugger.set_breakpoint(counting::fault_handler + 2 * at));
    EXPECT_TRUE(debugger.set_breakpoint(counting::load));
    EXPECT_FALSE(debugger.set_breakpoint(counting::store));
    EXPECT_FALSE(debugger.set_breakpoint(0x2000'0000)) << "not code in flash";
    run();
    ASSERT_TRUE(debugger.halted());
    EXPECT_TRUE(debugger.take_cause().breakpoint);
    EXPECT_EQ(pc(), counting::load);
    EXPECT_EQ(debugger.reg(CoreRegister::r0), 1u);
    ASSERT_TRUE(debugger.clear_breakpoint(counting::load));
    debugger.step();
    run();
    ASSERT_TRUE(debugger.set_breakpoint(counting::load));
    debugger.resume();
    run();
    EXPECT_EQ(debugger.reg(CoreRegister::r0), 2u) << "the next round";
}

TEST_F(HaltingDebug, StopsInALoopThatWouldBeSkipped) {
    machine.run_for(Time{10'000'000'000});
    ASSERT_TRUE(debugger.set_breakpoint(counting::loop));
    run();
    EXPECT_TRUE(debugger.halted());
    EXPECT_EQ(pc(), counting::loop);
}

TEST_F(HaltingDebug, WatchesDataByDirection) {
    ASSERT_TRUE(debugger.set_watchpoint(counting::stored_at, 4, Watch::read));
    run();
    EXPECT_FALSE(debugger.halted()) << "it is only written";
    ASSERT_TRUE(debugger.set_watchpoint(counting::loaded_from, 4, Watch::read));
    run();
    ASSERT_TRUE(debugger.halted());
    EXPECT_TRUE(debugger.take_cause().watchpoint);
    EXPECT_EQ(debugger.take_watch_hit()->address, counting::loaded_from);
    EXPECT_EQ(pc(), counting::load + 2) << "after the access";
    ASSERT_TRUE(debugger.clear_watchpoint(counting::loaded_from, Watch::read));
    ASSERT_TRUE(debugger.set_watchpoint(0x2000'0000, 8, Watch::write));
    debugger.resume();
    run();
    ASSERT_TRUE(debugger.halted());
    EXPECT_EQ(debugger.take_watch_hit()->kind, Watch::write);
    EXPECT_EQ(pc(), counting::store + 2);
}

TEST_F(HaltingDebug, HaltsAtABreakpointInstruction) {
    debugger.halt();
    constexpr std::array<std::uint8_t, 4> code{0x00, 0xbe, 0xfe, 0xe7};  // bkpt; b .
    ASSERT_TRUE(debugger.write(0x2000'0400, code));
    debugger.set_reg(CoreRegister::pc, 0x2000'0400);
    debugger.resume();
    run();
    ASSERT_TRUE(debugger.halted());
    EXPECT_TRUE(debugger.take_cause().breakpoint);
    EXPECT_EQ(pc(), 0x2000'0400u);
}

TEST_F(HaltingDebug, CatchesResetAndFaults) {
    debugger.catch_reset(true);
    machine.reset();
    run();
    ASSERT_TRUE(debugger.halted());
    EXPECT_TRUE(debugger.take_cause().vector_catch);
    EXPECT_EQ(pc(), counting::start);
    debugger.catch_reset(false);
    debugger.catch_faults(true);
    debugger.set_reg(CoreRegister::pc, 0x1000'0000);
    debugger.resume();
    run();
    ASSERT_TRUE(debugger.halted());
    EXPECT_TRUE(debugger.take_cause().vector_catch);
    EXPECT_EQ(pc(), counting::fault_handler);
}

TEST_F(HaltingDebug, ConnectsUnderReset) {
    machine.hold_reset(true);
    run();
    debugger.attach();
    debugger.catch_reset(true);
    run();
    EXPECT_FALSE(debugger.halted());
    machine.hold_reset(false);
    run();
    ASSERT_TRUE(debugger.halted());
    EXPECT_EQ(pc(), counting::start);
}

TEST_F(HaltingDebug, LetsNoTimePassWhereTheDebuggerHoldsIt) {
    ASSERT_TRUE(debugger.set_breakpoint(counting::load));
    int halts = 0;
    Time halted_at{};
    machine.on_halt([&] {
        if (++halts == 1) halted_at = machine.now();
        if (halts < 5) return;
        EXPECT_EQ(machine.now(), halted_at);
        ASSERT_TRUE(debugger.clear_breakpoint(counting::load));
        debugger.resume();
    });
    run();
    EXPECT_EQ(halts, 5);
    EXPECT_FALSE(debugger.halted());
    EXPECT_GT(machine.core_register(0), 10u);
}

TEST_F(HaltingDebug, KeepsFlashToItselfUnderReadProtection) {
    std::vector<std::uint8_t> options(machine.option_bytes().begin(), machine.option_bytes().end());
    options[0] = options[1] = 0xff;
    machine.set_option_bytes(options);
    EXPECT_EQ(debugger.read(0x0800'0000, 4).size(), 4u) << "takes effect at the next reset";
    machine.reset();
    EXPECT_TRUE(debugger.read(0x0800'0000, 4).empty());
    EXPECT_TRUE(debugger.read(0, 4).empty()) << "nor through the alias";
    EXPECT_EQ(debugger.read(0x2000'0000, 4).size(), 4u);
    EXPECT_EQ(debugger.read(0x1fff'f800, 2).size(), 2u) << "option bytes stay readable";
}

TEST_F(HaltingDebug, RefusesWhatIsNotThereAndTheProgramGoesOn) {
    EXPECT_TRUE(debugger.read(0x6000'0000, 4).empty());
    EXPECT_TRUE(debugger.read(0x4002'8000, 4).empty());
    EXPECT_TRUE(debugger.read(0x2000'4ffe, 4).size() == 2) << "the end of the RAM";
    EXPECT_FALSE(debugger.write(0x0800'0000, std::array<std::uint8_t, 2>{})) << "PG is not set";
    EXPECT_NO_THROW(run());
    EXPECT_GT(machine.core_register(0), 10u);
}

TEST(Debug, IsOutOfTheProgramsReach) {
    Machine machine;
    load_counting(machine);
    machine.power_on();
    std::uint32_t value = 0;
    ASSERT_TRUE(machine.probe_read(0xe000'edf0, 4, value));
    EXPECT_EQ(value & 1, 0u);
    machine.run_for(100 * microsecond);
    ASSERT_TRUE(machine.probe_write(0xe000'edf0, 4, 0xa05f'0002)) << "C_HALT without C_DEBUGEN";
    EXPECT_FALSE(machine.halted());
}

TEST(Debug, EndsALockupWhereAProbeMayAttach) {
    MachineOptions options;
    options.probe_may_attach = true;
    Machine machine(stm32f103c8, {}, options);
    machine.power_on();  // blank
    machine.run_for(100 * microsecond);
    std::uint32_t value = 0;
    ASSERT_TRUE(machine.probe_read(0xe000'edf0, 4, value));
    EXPECT_NE(value & 1u << 19, 0u) << "S_LOCKUP";
    Debugger debugger(machine);
    debugger.attach();
    debugger.halt();
    ASSERT_TRUE(debugger.halted());
    constexpr std::array<std::uint8_t, 4> code{0x2a, 0x20, 0xfe, 0xe7};  // movs r0, #42; b .
    ASSERT_TRUE(debugger.write(0x2000'0400, code));
    debugger.set_reg(CoreRegister::pc, 0x2000'0400);
    debugger.resume();
    machine.run_for(100 * microsecond);
    EXPECT_EQ(machine.core_register(0), 42u);
}

}  // namespace
}  // namespace sim::test
