// SPDX-License-Identifier: ISC
// Timers as slaves and masters (RM0008 14.3.16 to 14.3.19, 15.3.12 to 15.3.15): slave modes, external clocks, encoder,
// TRGO.
#include <array>
#include <utility>

#include "tests/sim/chip/timer_fixture.hpp"

namespace sim::chip {
namespace {

constexpr Pin ti1{'A', 6}, ti2{'A', 7}, etr{'D', 2};  // of TIM3
constexpr std::uint32_t reset_mode = 4, gated_mode = 5, trigger_mode = 6, external_clock = 7;
constexpr std::uint32_t cen = 1, ug = 1, tif = bit(6);
constexpr std::uint32_t ece = bit(14), etp = bit(15);

constexpr std::uint32_t from(std::uint32_t trigger) {
    return trigger << 4;
}
constexpr std::uint32_t ti1f_ed = from(4), ti1fp1 = from(5), ti2fp2 = from(6), etrf = from(7);
constexpr std::uint32_t show(std::uint32_t mode) {
    return mode << 4;
}

struct TimerSlaves : Timers {
    TimerSlaves() {
        put(apb2enr, get(apb2enr) | bit(5));
        for (const Pin pin : {ti1, ti2, etr})
            chip_.gpio.drive(pin, Level::low);
    }
    void edges(Pin pin, int count) {
        for (int edge = 0; edge < count; ++edge)
            chip_.gpio.drive(pin, !chip_.gpio.level(pin));
    }
    void pulse(Pin pin) { edges(pin, 2); }
    std::uint32_t count(std::uint32_t timer = tim3_at) { return get(timer + cnt); }
};

TEST_F(TimerSlaves, ResetModeStartsOverAtEachRisingEdge) {  // 15.3.14
    count_to(tim3_at, 0xffff);
    put(tim3_at + smcr, ti1fp1 | reset_mode);
    put(tim3_at + dier, tif);
    put(tim3_at + cr1, cen);
    pass(50 * us);
    EXPECT_EQ(count(), 50u);
    chip_.gpio.drive(ti1, Level::high);
    EXPECT_EQ(count(), 0u);
    EXPECT_EQ(get(tim3_at + sr) & (tif | 1), tif | 1u) << "an update, too";
    EXPECT_TRUE(line(29));
    pass(10 * us);
    chip_.gpio.drive(ti1, Level::low);
    EXPECT_EQ(count(), 10u);
    put(tim3_at + cr1, cen | bit(2));  // URS
    put(tim3_at + sr, 0);
    chip_.gpio.drive(ti1, Level::high);
    EXPECT_EQ(get(tim3_at + sr) & (tif | 1), tif) << "URS: no update flag";
    EXPECT_EQ(count(), 0u);
}

TEST_F(TimerSlaves, GatedModeCountsWhileTheInputIsActive) {  // 15.3.14
    count_to(tim3_at, 0xffff);
    put(tim3_at + ccer, 2);  // low is active
    put(tim3_at + smcr, ti1fp1 | gated_mode);
    put(tim3_at + cr1, cen);
    pass(30 * us);
    EXPECT_EQ(count(), 30u);
    chip_.gpio.drive(ti1, Level::high);
    EXPECT_EQ(get(tim3_at + sr) & tif, tif) << "at the stop";
    pass(30 * us);
    EXPECT_EQ(count(), 30u);
    put(tim3_at + sr, 0);
    chip_.gpio.drive(ti1, Level::low);
    EXPECT_EQ(get(tim3_at + sr) & tif, tif) << "and at the start";
    pass(30 * us);
    EXPECT_EQ(count(), 60u);
    put(tim3_at + cr1, 0);
    pass(30 * us);
    EXPECT_EQ(count(), 60u) << "CEN is wanted, too";
}

TEST_F(TimerSlaves, AGateKeepsWhatIsInThePrescaler) {  // 15.3.14, 15.3.1
    count_to(tim3_at, 0xffff);
    put(tim3_at + smcr, ti1fp1 | gated_mode);
    put(tim3_at + cr1, cen);
    for (int turn = 0; turn < 8; ++turn) {  // eight quarters of a count
        chip_.gpio.drive(ti1, Level::high);
        pass(us / 4);
        chip_.gpio.drive(ti1, Level::low);
        pass(5 * us);
    }
    EXPECT_EQ(count(), 2u);
}

TEST_F(TimerSlaves, TriggerModeStartsAndDoesNotStop) {  // 15.3.14
    count_to(tim3_at, 0xffff);
    put(tim3_at + smcr, ti2fp2 | trigger_mode);
    pass(30 * us);
    EXPECT_EQ(count(), 0u);
    chip_.gpio.drive(ti2, Level::high);
    EXPECT_EQ(get(tim3_at + cr1) & cen, cen);
    EXPECT_EQ(get(tim3_at + sr) & tif, tif);
    pass(30 * us);
    chip_.gpio.drive(ti2, Level::low);
    pass(10 * us);
    EXPECT_EQ(count(), 40u);
}

TEST_F(TimerSlaves, ATriggerMakesOneDelayedPulse) {  // 15.3.10
    count_to(tim3_at, 29);
    put(gpioa_crl, 0x4b44'4444);  // PA6 the output, PA7 the trigger
    chip_.gpio.drive(ti1, std::nullopt);
    put(tim3_at + ccmr1, 0x0170);  // OC1: PWM 2; IC2 on TI2
    put(tim3_at + ccr1, 10);
    put(tim3_at + ccer, 1);
    put(tim3_at + cr1, bit(3));
    put(tim3_at + smcr, ti2fp2 | trigger_mode);
    pass(50 * us);
    EXPECT_FALSE(high(ti1));
    pulse(ti2);
    pass(9 * us);
    EXPECT_FALSE(high(ti1)) << "CCR1 is the delay";
    pass(2 * us);
    EXPECT_TRUE(high(ti1));
    pass(17 * us);
    EXPECT_TRUE(high(ti1));
    pass(3 * us);
    EXPECT_FALSE(high(ti1));
    EXPECT_EQ(get(tim3_at + cr1) & cen, 0u);
    pass(100 * us);
    EXPECT_FALSE(high(ti1)) << "once";
}

TEST_F(TimerSlaves, ExternalClockMode1CountsEdgesOfAnInput) {  // 15.3.3
    put(tim3_at + arr, 4);
    put(tim3_at + psc, 1);
    put(tim3_at + egr, ug);
    put(tim3_at + sr, 0);
    put(tim3_at + smcr, ti2fp2 | external_clock);
    edges(ti2, 6);
    EXPECT_EQ(count(), 0u) << "CEN is 0";
    put(tim3_at + cr1, cen);
    edges(ti2, 6);
    EXPECT_EQ(count(), 1u) << "three rising edges through a prescaler of 2";
    pass(100 * us);
    EXPECT_EQ(count(), 1u) << "and no other clock";
    edges(ti2, 12);
    EXPECT_EQ(count(), 4u);
    EXPECT_EQ(get(tim3_at + sr) & 1, 0u);
    edges(ti2, 2);
    EXPECT_EQ(count(), 0u);
    EXPECT_EQ(get(tim3_at + sr) & 1, 1u);
}

TEST_F(TimerSlaves, ExternalClockCountsBothEdgesOfTi1FEd) {  // 15.4.3, TS = 100
    put(tim3_at + smcr, ti1f_ed | external_clock);
    put(tim3_at + cr1, cen);
    edges(ti1, 5);
    EXPECT_EQ(count(), 5u);
}

TEST_F(TimerSlaves, ExternalClockMode2CountsEdgesOfEtr) {  // 15.3.3, 15.4.3
    put(tim3_at + smcr, ece);
    put(tim3_at + cr1, cen);
    edges(etr, 6);
    EXPECT_EQ(count(), 3u);
    put(tim3_at + smcr, ece | 2u << 12);  // divided by four
    edges(etr, 32);
    EXPECT_EQ(count(), 3u + 4u);
    put(tim3_at + smcr, 0);
    put(tim3_at + cr1, 0);
    put(tim3_at + cnt, 0);
    put(tim3_at + smcr, ece | etp);
    put(tim3_at + cr1, cen);
    edges(etr, 1);
    EXPECT_EQ(count(), 0u) << "falling edges";
    edges(etr, 1);
    EXPECT_EQ(count(), 1u);
}

TEST_F(TimerSlaves, ExternalClockMode2LeavesTheSlaveModeToAnotherTrigger) {  // 15.3.14
    put(tim3_at + smcr, ece | ti1fp1 | trigger_mode);
    edges(etr, 4);
    EXPECT_EQ(count(), 0u);
    chip_.gpio.drive(ti1, Level::high);
    edges(etr, 4);
    EXPECT_EQ(count(), 2u);
    EXPECT_EQ(complaints(), 0u);
}

TEST_F(TimerSlaves, EncoderModeFollowsTheShaft) {  // 15.3.12, table 85
    struct Case {
        std::uint32_t mode;
        std::uint32_t counts;  // of the four edges of one turn
    };
    for (const auto& [mode, counts] : {Case{1, 2}, Case{2, 2}, Case{3, 4}}) {
        put(tim3_at + cr1, 0);
        put(tim3_at + smcr, 0);
        put(tim3_at + cnt, 100);
        put(tim3_at + ccmr1, 0x0101);
        put(tim3_at + smcr, mode);
        put(tim3_at + cr1, cen);
        const auto turn = [&](Pin first, Pin second) {
            for (const Pin pin : {first, second, first, second})
                edges(pin, 1);
        };
        turn(ti1, ti2);
        EXPECT_EQ(count(), 100 + counts) << mode;
        EXPECT_EQ(get(tim3_at + cr1) & 0x10, 0u) << "DIR";
        turn(ti2, ti1);
        turn(ti2, ti1);
        EXPECT_EQ(count(), 100 - counts) << mode;
        EXPECT_EQ(get(tim3_at + cr1) & 0x10, 0x10u);
        edges(mode == 2 ? ti2 : ti1, 2);
        EXPECT_EQ(count(), 100 - counts) << "jitter cancels out";
        put(tim3_at + ccer, 2);  // TI1 inverted: the other way round
        turn(ti1, ti2);
        EXPECT_EQ(count(), 100 - 2 * counts) << mode;
        put(tim3_at + ccer, 0);
    }
}

TEST_F(TimerSlaves, AnEncoderWrapsBetweenZeroAndArr) {  // 15.3.12
    put(tim3_at + arr, 9);
    put(tim3_at + ccmr1, 0x0101);
    put(tim3_at + smcr, 3);
    put(tim3_at + cr1, cen);
    put(tim3_at + sr, 0);
    edges(ti2, 1);
    EXPECT_EQ(count(), 9u);
    EXPECT_EQ(get(tim3_at + sr) & 1, 1u);
    edges(ti2, 1);
    EXPECT_EQ(count(), 0u);
    put(tim3_at + cr1, cen | 0x10);
    EXPECT_EQ(get(tim3_at + cr1) & 0x10, 0u) << "DIR is the encoder's";
}

TEST_F(TimerSlaves, TheOutputsOfMastersAreInputsOfSlaves) {  // tables 82 and 86
    struct Pair {
        std::uint32_t slave, itr, master;
    };
    for (const auto& [slave, itr, master] :
         {Pair{tim1_at, 1, tim2_at}, Pair{tim1_at, 2, tim3_at}, Pair{tim1_at, 3, tim4_at}, Pair{tim2_at, 0, tim1_at},
          Pair{tim2_at, 2, tim3_at}, Pair{tim2_at, 3, tim4_at}, Pair{tim3_at, 0, tim1_at}, Pair{tim3_at, 1, tim2_at},
          Pair{tim3_at, 3, tim4_at}, Pair{tim4_at, 0, tim1_at}, Pair{tim4_at, 1, tim2_at}, Pair{tim4_at, 2, tim3_at}}) {
        put(slave + smcr, from(itr) | external_clock);
        put(slave + cr1, cen);
        put(slave + cnt, 0);
        put(master + egr, ug);
        EXPECT_EQ(count(slave), 1u) << std::hex << slave << " from " << master;
        for (const std::uint32_t other : {tim1_at, tim2_at, tim3_at, tim4_at})
            if (other != slave && other != master) put(other + egr, ug);
        EXPECT_EQ(count(slave), 1u) << std::hex << slave << " from another";
        put(slave + cr1, 0);
        put(slave + smcr, 0);
    }
    EXPECT_EQ(complaints(), 0u);
    put(tim2_at + smcr, from(1) | external_clock);
    EXPECT_NE(chip_.services.refused.find("TIM2_SMCR: ITR1"), std::string::npos) << chip_.services.refused;
}

TEST_F(TimerSlaves, AMasterIsAPrescalerOfItsSlave) {  // 15.3.15: TRGO on update
    count_to(tim2_at, 9);
    put(tim2_at + cr2, show(2));
    put(tim3_at + smcr, from(1) | external_clock);
    put(tim3_at + cr1, cen);
    put(tim2_at + cr1, cen);
    pass(1005 * us);
    EXPECT_EQ(count(), 100u);
    put(tim2_at + cr1, cen | 2);  // UDIS
    pass(100 * us);
    EXPECT_EQ(count(), 100u) << "no update event, no pulse";
}

TEST_F(TimerSlaves, AMasterGatesItsSlaveByItsEnableBitOrAReference) {  // 15.3.15
    count_to(tim2_at, 99);
    count_to(tim3_at, 0xffff);
    put(tim3_at + smcr, from(1) | gated_mode);
    put(tim3_at + cr1, cen);
    put(tim2_at + cr2, show(1));
    pass(10 * us);
    EXPECT_EQ(count(), 0u);
    put(tim2_at + cr1, cen);
    pass(20 * us);
    put(tim2_at + cr1, 0);
    pass(20 * us);
    EXPECT_EQ(count(), 20u);
    put(tim2_at + cnt, 0);
    put(tim3_at + cnt, 0);
    put(tim2_at + ccmr1, 0x6000);  // OC2: PWM, a quarter
    put(tim2_at + ccr2, 25);
    put(tim2_at + cr2, show(5));
    put(tim2_at + cr1, cen);
    pass(1000 * us);
    EXPECT_NEAR(count(), 250, 1);
}

TEST_F(TimerSlaves, AMasterStartsItsSlaveAtAMatch) {  // 15.3.15, MMS = 011
    count_to(tim2_at, 99);
    count_to(tim3_at, 0xffff);
    put(tim2_at + ccr1, 30);
    put(tim2_at + cr2, show(3));
    put(tim3_at + smcr, from(1) | trigger_mode);
    put(tim2_at + cr1, cen);
    pass(29 * us);
    EXPECT_EQ(get(tim3_at + cr1) & cen, 0u);
    pass(21 * us);
    EXPECT_NEAR(count(), 20, 1);
}

TEST_F(TimerSlaves, AnEdgeStartsMasterAndSlaveTogether) {  // 15.3.15, MSM
    constexpr std::uint32_t msm = bit(7);
    count_to(tim3_at, 0xffff);
    count_to(tim4_at, 0xffff);
    put(tim3_at + cr2, show(1));
    put(tim3_at + smcr, ti1fp1 | trigger_mode | msm);
    put(tim4_at + smcr, from(2) | trigger_mode);
    chip_.gpio.drive(ti1, Level::high);
    pass(123 * us);
    EXPECT_EQ(count(tim3_at), 123u);
    EXPECT_EQ(count(tim4_at), 123u);
}

TEST_F(TimerSlaves, TimersThatResetEachOtherAreRefused) {
    put(tim2_at + smcr, from(2) | reset_mode);
    put(tim3_at + smcr, from(1) | reset_mode);
    put(tim2_at + egr, ug);
    EXPECT_NE(chip_.services.refused.find("in a ring"), std::string::npos) << chip_.services.refused;
}

TEST_F(TimerSlaves, WhatTheManualForbidsIsAComplaint) {
    const auto complains = [this](std::uint32_t value) {
        const auto before = complaints();
        put(tim3_at + smcr, 0);
        put(tim3_at + smcr, value);
        return complaints() - before;
    };
    EXPECT_EQ(complains(ti1f_ed | gated_mode), 1u);       // 15.4.3
    EXPECT_EQ(complains(ece | 3), 1u);                    // 15.3.12
    EXPECT_EQ(complains(ece | etrf | trigger_mode), 1u);  // 15.4.3
    EXPECT_EQ(complains(ece | ti1fp1 | trigger_mode), 0u);
    const auto before = complaints();
    put(tim3_at + smcr, ti2fp2 | trigger_mode);
    EXPECT_EQ(complaints() - before, 1u) << "TS changed while SMS is not 0";
}

TEST_F(TimerSlaves, ATriggerCommutatesTim1) {  // 14.4.2, CCUS
    put(tim1_at + cr2, bit(0) | bit(2));
    put(tim1_at + dier, bit(5));
    put(tim1_at + smcr, from(2));
    put(tim1_at + ccer, 1);
    EXPECT_EQ(get(tim1_at + sr) & bit(5), 0u);
    put(tim3_at + egr, ug);
    EXPECT_EQ(get(tim1_at + sr) & bit(5), bit(5));
    EXPECT_TRUE(line(26));
}

}  // namespace
}  // namespace sim::chip
