// SPDX-License-Identifier: ISC
// A run that was interrupted by snapshot and restore ends as one that was not.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/sim/chip/program.hpp"

namespace sim::test {
namespace {

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
INSTANTIATE_TEST_SUITE_P(Programs, Snapshot,
                         testing::Values("systick_wfi", "flash_write", "poll", "priorities",
                                         "psp"));

TEST(SnapshotOfAnotherChip, IsRefused) {
    Machine small(stm32f103c8), large(stm32f103cb);
    EXPECT_THROW(large.restore(*small.snapshot()), std::invalid_argument);
}

}  // namespace
}  // namespace sim::test
