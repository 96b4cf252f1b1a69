// SPDX-License-Identifier: ISC
// Where RAM ends, and what a load from a flash at work costs.
#include <array>

#include <gtest/gtest.h>

#include "tests/sim/chip/program.hpp"

namespace sim::test {
namespace {

constexpr std::uint32_t ram_begin = 0x2000'0000;
enum class Access : std::uint8_t { load, store, jump };

/// RAM of a C4, a C6 and a C8: Unicorn maps the first two only with a part that is not there.
class RamEnd : public testing::TestWithParam<std::uint32_t> {
  protected:
    void run(Access access, std::uint32_t address) {
        machine_.power_off();
        machine_.load(program("ram_end"));
        std::array<std::uint8_t, 8> order{static_cast<std::uint8_t>(access)};
        for (std::size_t at = 0; at < 4; ++at)
            order[4 + at] = static_cast<std::uint8_t>(address >> (8 * at));
        machine_.load_bytes(0x0800'3000, order);
        machine_.power_on();
        machine_.run_for(millisecond);
    }
    bool done() const { return result(machine_, 0) == 1; }
    std::uint32_t fault_status() const { return result(machine_, 1); }
    std::uint32_t fault_address() const { return result(machine_, 2); }

    static ChipVariant chip() {
        ChipVariant chip = stm32f103c8;
        chip.ram_bytes = GetParam();
        return chip;
    }
    const std::uint32_t end_ = ram_begin + GetParam();
    Machine machine_{chip()};
};

TEST_P(RamEnd, IsReachedToTheLastWord) {
    EXPECT_EQ(machine_.ram().size(), GetParam());
    run(Access::load, end_ - 4);
    EXPECT_TRUE(done());
    run(Access::store, end_ - 4);
    EXPECT_TRUE(done());
    EXPECT_EQ(machine_.read_word(end_ - 4), end_ - 4);
}

TEST_P(RamEnd, IsABusErrorBehind) {
    constexpr std::uint32_t precise = 0x8200;  // PRECISERR, BFARVALID
    for (const Access access : {Access::load, Access::store}) {
        run(access, end_);
        EXPECT_FALSE(done());
        EXPECT_EQ(fault_status(), precise);
        EXPECT_EQ(fault_address(), end_);
    }
    EXPECT_THROW(static_cast<void>(machine_.read_word(end_)), std::out_of_range);
}

TEST_P(RamEnd, HasNoCodeBehind) {
    run(Access::jump, end_ + 1);
    EXPECT_EQ(fault_status(), 0x100U) << "IBUSERR";
}
INSTANTIATE_TEST_SUITE_P(Sizes, RamEnd, testing::Values(6144U, 10240U, 20480U),
                         [](const auto& named) { return std::to_string(named.param); });

TEST(FlashUnderOperation, HoldsUpALoadAndLetsTimePass) {
    Machine machine;
    machine.load(program("flash_stall"));
    machine.power_on();
    machine.run_for(5 * millisecond);
    EXPECT_LT(machine.now(), 6 * millisecond) << "the world goes on while the core stands";
    EXPECT_EQ(result(machine, 1), 0U) << "the load is not over";
    EXPECT_EQ(result(machine, 2), 0U) << "and no exception interrupts it";
    const auto in_the_middle = machine.snapshot();
    machine.run_for(30 * millisecond);
    EXPECT_EQ(result(machine, 1), 1U);
    EXPECT_EQ(result(machine, 2), 2U);

    Machine other;
    other.restore(*in_the_middle);
    other.run_for(5 * millisecond);
    EXPECT_EQ(other.xpsr() & 0x1ff, 0U) << "it is locked up there, too, and takes no exception";
    other.run_until(machine.now());
    EXPECT_EQ(other.counters().cycles, machine.counters().cycles);
    EXPECT_EQ(result(other, 1), 1U);
}

TEST(FlashUnderOperation, DoesNotHoldUpTheCoreOfAClone) {
    ChipVariant clone = stm32f103c8;
    clone.stalls_while_busy = false;
    Machine machine(clone);
    machine.load(program("flash_stall"));
    machine.power_on();
    machine.run_for(5 * millisecond);
    EXPECT_EQ(result(machine, 1), 1U) << "the load is over while the erase goes on";
    EXPECT_EQ(result(machine, 2), 2U) << "and the exception was taken";
}

}  // namespace
}  // namespace sim::test
