// SPDX-License-Identifier: ISC
// Timers (RM0008 14, 15): counting, compare, PWM on pins, capture. The clock is the HSI, 8 MHz.
#include "tests/sim/chip/timer_fixture.hpp"

namespace sim::chip {
namespace {

TEST_F(Timers, CompareSetsItsFlagAndInterrupts) {  // 15.3.8
    count_to(tim2_at, 99);
    put(tim2_at + ccr2, 40);
    put(tim2_at + dier, bit(2));
    put(tim2_at + cr1, 1);
    pass(39 * us);
    EXPECT_FALSE(line(28));
    pass(2 * us);
    EXPECT_TRUE(line(28));
    EXPECT_EQ(get(tim2_at + sr) & 5, 4u);
    put(tim2_at + sr, 0);
    EXPECT_FALSE(line(28));
    pass(60 * us);
    EXPECT_EQ(get(tim2_at + sr) & 5, 1u) << "the update";
    pass(40 * us);
    EXPECT_EQ(get(tim2_at + sr) & 5, 5u) << "and the next match";
}

TEST_F(Timers, PwmIsOnThePinWhileThatIsAnAlternateFunction) {  // 15.3.9, 9.3
    count_to(tim2_at, 99);
    put(tim2_at + ccr1, 25);
    put(tim2_at + ccmr1, 0x60);
    put(tim2_at + ccer, 1);
    put(tim2_at + cr1, 1);
    EXPECT_EQ(high_time({'A', 0}, 1000 * us), Time{}) << "an input as after reset";
    put(gpioa_crl, 0x4444'444b);
    EXPECT_NEAR(seconds(high_time({'A', 0}, 1000 * us)), 250e-6, 11e-6);
    put(tim2_at + ccr1, 75);
    EXPECT_NEAR(seconds(high_time({'A', 0}, 1000 * us)), 750e-6, 11e-6);
    put(tim2_at + ccer, 3);  // inverted
    EXPECT_NEAR(seconds(high_time({'A', 0}, 1000 * us)), 250e-6, 11e-6);
    EXPECT_EQ(complaints(), 0u);
}

TEST_F(Timers, APreloadedCompareValueWaitsForTheUpdate) {  // 15.4.7, OC1PE
    count_to(tim2_at, 99);
    put(tim2_at + ccmr1, 0x68);
    put(tim2_at + ccr1, 30);
    put(tim2_at + egr, 1);
    put(tim2_at + ccer, 1);
    put(gpioa_crl, 0x4444'444b);
    put(tim2_at + cr1, 1);
    put(tim2_at + ccr1, 60);
    EXPECT_NEAR(seconds(high_time({'A', 0}, 100 * us)), 30e-6, 2e-6);
    EXPECT_NEAR(seconds(high_time({'A', 0}, 100 * us)), 60e-6, 2e-6);
}

TEST_F(Timers, ToggleHalvesTheFrequency) {
    count_to(tim2_at, 9);
    put(tim2_at + ccmr1, 0x30);
    put(tim2_at + ccr1, 5);
    put(tim2_at + ccer, 1);
    put(gpioa_crl, 0x4444'444b);
    int edges = 0;
    chip_.pin_changed = [&](Pin pin, Level) { edges += pin == Pin{'A', 0} ? 1 : 0; };
    put(tim2_at + cr1, 1);
    pass(100 * us);
    EXPECT_EQ(edges, 10);
}

TEST_F(Timers, CountDownAndBothWays) {  // 15.3.2
    count_to(tim2_at, 99);
    put(tim2_at + cr1, 0x10);
    put(tim2_at + egr, 1);
    put(tim2_at + sr, 0);
    put(tim2_at + cr1, 0x11);
    pass(10 * us);
    EXPECT_EQ(get(tim2_at + cnt), 89u);
    pass(91 * us);
    EXPECT_EQ(get(tim2_at + sr) & 1, 1u);
    EXPECT_EQ(get(tim2_at + cnt), 98u);
    put(tim2_at + cr1, 0);
    put(tim2_at + cnt, 0);
    put(tim2_at + sr, 0);
    put(tim2_at + cr1, 0x21);
    pass(99 * us);
    EXPECT_EQ(get(tim2_at + cnt), 99u);
    pass(50 * us);
    EXPECT_EQ(get(tim2_at + cnt), 49u);
    EXPECT_EQ(get(tim2_at + cr1), 0x31u) << "DIR says down";
    pass(50 * us);
    EXPECT_EQ(get(tim2_at + cnt), 1u) << "and up again";
}

TEST_F(Timers, Tim1NeedsItsMainOutputAndCountsRepetitions) {  // 14.3.3, 14.4.18
    put(tim1_at + rcr, 2);
    count_to(tim1_at, 99);
    put(tim1_at + ccr1, 50);
    put(tim1_at + ccmr1, 0x60);
    put(tim1_at + ccer, 1);
    put(tim1_at + dier, 1);
    put(gpioa_crh, 0x4444'444b);
    put(tim1_at + cr1, 1);
    EXPECT_EQ(high_time({'A', 8}, 200 * us), Time{}) << "MOE is 0";
    EXPECT_FALSE(line(25));
    put(tim1_at + bdtr, bit(15));
    pass(105 * us);
    EXPECT_TRUE(line(25)) << "after three periods";
    EXPECT_NEAR(seconds(high_time({'A', 8}, 1000 * us)), 500e-6, 11e-6);
}

TEST_F(Timers, CaptureTakesTheCounterAtAnEdge) {  // 15.3.5
    count_to(tim2_at, 0xffff);
    put(tim2_at + ccmr1, 0x01);
    put(tim2_at + ccer, 1);
    put(tim2_at + dier, 2);
    put(tim2_at + cr1, 1);
    chip_.gpio.drive({'A', 0}, Level::low);
    pass(123 * us);
    chip_.gpio.drive({'A', 0}, Level::high);
    EXPECT_TRUE(line(28));
    EXPECT_EQ(get(tim2_at + ccr1), 123u);
    EXPECT_EQ(get(tim2_at + sr) & 2, 0u) << "cleared by the read";
    pass(10 * us);
    chip_.gpio.drive({'A', 0}, Level::low);
    EXPECT_EQ(get(tim2_at + sr) & 2, 0u) << "rising edges only";
    chip_.gpio.drive({'A', 0}, Level::high);
    chip_.gpio.drive({'A', 0}, Level::low);
    chip_.gpio.drive({'A', 0}, Level::high);
    EXPECT_EQ(get(tim2_at + sr) & 0x202, 0x202u) << "a second one before the first is read";
}

TEST_F(Timers, OnePulseStops) {  // 15.3.10
    count_to(tim2_at, 99);
    put(tim2_at + cr1, 9);
    pass(99 * us);
    EXPECT_EQ(get(tim2_at + cr1) & 1, 1u);
    pass(2 * us);
    EXPECT_EQ(get(tim2_at + cr1) & 1, 0u);
    EXPECT_EQ(get(tim2_at + cnt), 0u);
}

TEST_F(Timers, APeripheralThatIsMissingIsRefusedByItsRegistersName) {
    put(apb2enr, bit(15));
    get(0x4001'3c08);
    EXPECT_NE(chip_.services.refused.find("ADC3_CR2 is not modelled"), std::string::npos) << chip_.services.refused;
}

}  // namespace
}  // namespace sim::chip
