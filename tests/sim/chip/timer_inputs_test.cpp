// SPDX-License-Identifier: ISC
// A timer's inputs: filters, prescalers, XOR, capture on a trigger, ETR as a switch for references
// (RM0008 15.3.5, 15.3.6, 15.3.11, 15.3.13, 14.3.18).
#include "tests/sim/chip/timer_fixture.hpp"

namespace sim::chip {
namespace {

constexpr Pin ch1{'A', 6}, ch2{'A', 7}, ch3{'B', 0}, etr{'D', 2};  // of TIM3
constexpr std::uint32_t cen = 1;

struct TimerInputs : Timers {
    TimerInputs() {
        put(apb2enr, get(apb2enr) | bit(3) | bit(5));
        for (const Pin pin : {ch1, ch2, ch3, etr})
            chip_.gpio.drive(pin, Level::low);
        count_to(tim3_at, 0xffff);
    }
    void pulses(Pin pin, int count) {
        for (int pulse = 0; pulse < count; ++pulse) {
            chip_.gpio.drive(pin, Level::high);
            chip_.gpio.drive(pin, Level::low);
        }
    }
    bool captured(unsigned channel = 1) { return (get(tim3_at + sr) & bit(channel)) != 0; }
};

TEST_F(TimerInputs, APrescalerLetsEachFourthEdgePass) {  // 15.4.7, IC1PSC
    put(tim3_at + ccmr1, 0x01 | 2u << 2);
    put(tim3_at + ccer, 1);
    pulses(ch1, 3);
    EXPECT_FALSE(captured());
    pulses(ch1, 1);
    EXPECT_TRUE(captured());
    put(tim3_at + sr, 0);
    pulses(ch1, 2);
    put(tim3_at + ccer, 0);  // starts the prescaler over
    put(tim3_at + ccer, 1);
    pulses(ch1, 3);
    EXPECT_FALSE(captured());
    pulses(ch1, 1);
    EXPECT_TRUE(captured());
}

TEST_F(TimerInputs, AFilterWantsALevelThatHolds) {  // 15.4.7, IC1F
    struct Case {
        std::uint32_t code, cr1;
        int clocks;
    };
    constexpr Time tick{125'000};
    for (const auto& [code, control, clocks] :
         {Case{1, 0, 2}, Case{3, 0, 8}, Case{4, 0, 12}, Case{15, 0, 256}, Case{15, 2u << 8, 1024}}) {
        put(tim3_at + ccer, 0);
        put(tim3_at + cr1, control);
        put(tim3_at + ccmr1, 0x01 | code << 4);
        put(tim3_at + ccer, 1);
        put(tim3_at + sr, 0);
        chip_.gpio.drive(ch1, Level::high);
        pass((clocks - 1) * tick);
        chip_.gpio.drive(ch1, Level::low);
        pass(2 * clocks * tick);
        EXPECT_FALSE(captured()) << "a glitch, " << code;
        chip_.gpio.drive(ch1, Level::high);
        pass((clocks - 1) * tick);
        EXPECT_FALSE(captured()) << code;
        pass(2 * tick);
        EXPECT_TRUE(captured()) << code;
        chip_.gpio.drive(ch1, Level::low);
        pass(2 * clocks * tick);
    }
}

TEST_F(TimerInputs, XorJoinsThreeHallSensors) {  // 15.3.13, 14.3.18
    constexpr std::uint32_t ti1s = bit(7), ti1f_ed = 4u << 4, reset_mode = 4, on_trc = 3;
    put(tim3_at + cr2, ti1s);
    put(tim3_at + smcr, ti1f_ed | reset_mode);
    put(tim3_at + ccmr1, on_trc);
    put(tim3_at + ccer, 1);
    put(tim3_at + cr1, cen);
    std::uint32_t turn = 0;
    for (const Pin pin : {ch1, ch3, ch2, ch1, ch3, ch2}) {  // one electrical revolution
        pass((100 + 10 * turn) * us);
        chip_.gpio.drive(pin, !chip_.gpio.level(pin));
        EXPECT_TRUE(captured()) << turn;
        EXPECT_EQ(get(tim3_at + ccr1), 100 + 10 * turn) << "the time since the sensor before";
        EXPECT_EQ(get(tim3_at + cnt), 0u);
        ++turn;
    }
}

TEST_F(TimerInputs, TwoChannelsMeasureAPwm) {  // 15.3.6
    put(tim3_at + ccmr1, 0x0201);              // IC1 and IC2 on TI1
    put(tim3_at + ccer, 0x31);                 // rising, falling
    put(tim3_at + smcr, 5u << 4 | 4);          // TI1FP1 resets
    put(tim3_at + cr1, cen);
    for (int period = 0; period < 3; ++period) {
        chip_.gpio.drive(ch1, Level::high);
        pass(30 * us);
        chip_.gpio.drive(ch1, Level::low);
        pass(70 * us);
    }
    chip_.gpio.drive(ch1, Level::high);
    EXPECT_EQ(get(tim3_at + ccr1), 100u) << "period";
    EXPECT_EQ(get(tim3_at + ccr2), 30u) << "duty";
    EXPECT_EQ(complaints(), 0u);
}

TEST_F(TimerInputs, EtrHoldsAReferenceLowUntilAnUpdate) {  // 15.3.11, OC1CE
    put(tim3_at + arr, 99);
    put(tim3_at + ccr1, 90);
    put(tim3_at + ccmr1, 0xe0);  // PWM 1, OC1CE
    put(tim3_at + egr, 1);
    put(tim3_at + ccer, 1);
    chip_.gpio.drive(ch1, std::nullopt);
    put(gpioa_crl, 0x4b44'4444);
    put(tim3_at + cr1, cen);
    pass(10 * us);
    EXPECT_TRUE(high(ch1));
    pulses(etr, 1);
    EXPECT_FALSE(high(ch1));
    pass(50 * us);
    EXPECT_FALSE(high(ch1));
    pass(45 * us);
    EXPECT_TRUE(high(ch1)) << "the next period";
    put(tim3_at + ccmr1, 0xd0);  // forced active
    chip_.gpio.drive(etr, Level::high);
    EXPECT_TRUE(high(ch1)) << "forced modes do not care";
}

TEST_F(TimerInputs, AnInputWithoutItsClockIsDeaf) {  // 7.3.8
    put(tim3_at + ccmr1, 0x01);
    put(tim3_at + ccer, 1);
    put(apb1enr, 0);
    pulses(ch1, 1);
    put(apb1enr, 7);
    EXPECT_FALSE(captured());
    pulses(ch1, 1);
    EXPECT_TRUE(captured());
}

}  // namespace
}  // namespace sim::chip
