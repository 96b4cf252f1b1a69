// SPDX-License-Identifier: ISC
// A run that was interrupted by snapshot and restore ends as one that was not.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/sim/chip/program.hpp"

namespace sim::test {
namespace {

MachineOptions step_every_round() {
    MachineOptions options;
    options.skip_waiting_loops = false;
    return options;
}

void expect_same(const Machine& one, const Machine& other) {
    EXPECT_EQ(one.now(), other.now());
    for (int number = 0; number < 16; ++number)
        EXPECT_EQ(one.core_register(number), other.core_register(number));
    EXPECT_EQ(one.xpsr(), other.xpsr());
    EXPECT_TRUE(std::ranges::equal(one.ram(), other.ram()));
    EXPECT_TRUE(std::ranges::equal(one.flash(), other.flash()));
}

class Snapshot : public testing::TestWithParam<const char*> {};

TEST_P(Snapshot, GoesOnAsIfNothingHadBeen) {
    constexpr Time whole{25'000'000'000};
    Machine straight;
    straight.load(program(GetParam()));
    straight.power_on();
    straight.run_until(whole);

    Machine stopped, other;
    stopped.load(program(GetParam()));
    stopped.power_on();
    for (Time at : {Time{1'000'000}, Time{777'777'777}, Time{20'010'000'000}}) {
        stopped.run_until(at);
        const auto taken = stopped.snapshot();
        stopped.run_for(Time{3'000'000'000});
        stopped.restore(*taken);
        other.restore(*taken);
    }
    stopped.run_until(whole);
    other.run_until(whole);
    expect_same(straight, stopped);
    expect_same(straight, other);
}
INSTANTIATE_TEST_SUITE_P(Programs, Snapshot, testing::Values("systick_wfi", "flash_write", "poll", "priorities", "psp"),
                         [](const auto& named) { return std::string(named.param); });

TEST_P(Snapshot, IsTheSameWithEveryRoundOfAWaitingLoopExecuted) {
    constexpr Time whole{25'000'000'000};
    Machine skipping, stepping(stm32f103c8, {}, step_every_round());
    for (Machine* machine : {&skipping, &stepping}) {
        machine->load(program(GetParam()));
        machine->power_on();
        machine->run_until(whole);
    }
    expect_same(skipping, stepping);
    EXPECT_EQ(skipping.counters().cycles, stepping.counters().cycles);
}

class CutAt : public FlashObserver {
  public:
    explicit CutAt(std::uint64_t index, PowerCut cut) : index_(index), cut_(cut) {}
    PowerCut before(const FlashOperation& operation) override { return operation.index == index_ ? cut_ : PowerCut{}; }
    void after(const FlashOperation&) override {}

  private:
    std::uint64_t index_;
    PowerCut cut_;
};

TEST(PowerCut, LeavesWhatTheObserverAsksFor) {
    using When = PowerCut::When;
    struct Case {
        std::uint64_t index;
        When when;
        std::uint16_t expected;
    };
    // The program erases, programs 0xBEEF, then 0x0000 over it.
    for (const Case& one : {Case{0, When::before, 0x1111}, Case{0, When::after, 0xffff}, Case{1, When::before, 0xffff},
                            Case{1, When::after, 0xbeef}, Case{2, When::after, 0x0000}}) {
        Machine machine;
        machine.load(program("flash_write"));
        const std::vector<std::uint8_t> old(1024, 0x11);
        machine.load_bytes(0x0800'1000, old);
        CutAt cut(one.index, {one.when, 0.5, 1});
        machine.set_flash_observer(&cut);
        machine.power_on();
        machine.run_for(25 * millisecond);
        EXPECT_FALSE(machine.powered());
        EXPECT_EQ(machine.read_word(0x0800'1000) & 0xffff, one.expected) << one.index;
        EXPECT_FALSE(machine.usb().attached());
        machine.set_flash_observer(nullptr);
        machine.power_on();
        machine.run_for(25 * millisecond);
        EXPECT_EQ(result(machine, 1), 0x20u) << "the program runs again from the start";
    }
}

TEST(PowerCut, InTheMiddleMovesSomeBits) {
    Machine machine;
    machine.load(program("flash_write"));
    CutAt cut(1, {PowerCut::When::during, 0.5, 3});
    machine.set_flash_observer(&cut);
    machine.power_on();
    machine.run_for(25 * millisecond);
    const std::uint32_t left = machine.read_word(0x0800'1000) & 0xffff;
    EXPECT_EQ(left & 0xbeef, 0xbeefu) << "no bit falls that was not to fall";
    EXPECT_NE(left, 0xbeefu);
}

TEST(SnapshotOfAFaultyChip, CarriesCellsThatAreStuck) {
    Machine broken, healthy;
    for (Machine* machine : {&broken, &healthy})
        machine->load(program("flash_write"));
    const auto before = broken.snapshot();
    broken.stick_bits(0x0800'1000, 0x0010, Level::high);
    healthy.restore(*broken.snapshot());
    broken.restore(*before);
    for (Machine* machine : {&broken, &healthy}) {
        machine->power_on();
        machine->run_for(25 * millisecond);
    }
    EXPECT_EQ(result(healthy, 2), 0xbeffu) << "it has the other one's cell";
    EXPECT_EQ(result(broken, 2), 0xbeefu) << "it is as it was before";
}

TEST(SnapshotOfAnotherChip, IsRefused) {
    Machine small(stm32f103c8), large(stm32f103cb);
    EXPECT_THROW(large.restore(*small.snapshot()), std::invalid_argument);
}

}  // namespace
}  // namespace sim::test
