// SPDX-License-Identifier: ISC
// What TIM1 has beyond the others (RM0008 14): main output, complementary outputs with dead time, off and idle states,
// break, commutation, locks, repetitions. The clock is the HSI, 8 MHz: a tick is 125 ns.
#include <utility>
#include <vector>

#include "tests/sim/chip/chip_fixture.hpp"

namespace sim::chip {
namespace {

constexpr Time us{1'000'000}, tick{125'000};
constexpr std::uint32_t tim1 = 0x4001'2c00, cr1 = tim1, cr2 = tim1 + 0x04, dier = tim1 + 0x0c, sr = tim1 + 0x10,
                        egr = tim1 + 0x14, ccmr1 = tim1 + 0x18, ccer = tim1 + 0x20, arr = tim1 + 0x2c,
                        rcr = tim1 + 0x30, ccr1 = tim1 + 0x34, bdtr = tim1 + 0x44;
constexpr Pin main_pin{'A', 8}, complement_pin{'B', 13}, break_pin{'B', 12};
constexpr std::uint32_t moe = bit(15), aoe = bit(14), bkp = bit(13), bke = bit(12), ossr = bit(11), ossi = bit(10);
constexpr std::uint32_t cc1e = 1, cc1p = 2, cc1ne = 4, cc1np = 8;

struct Tim1 : ChipTest {
    Tim1() {
        put(apb2enr, bit(0) | bit(2) | bit(3) | bit(11));
        put(0x4001'0804, 0x4444'444b);  // PA8: alternate function
        put(0x4001'0c04, 0x44b4'4444);  // PB13, too; PB12 an input
        chip_.gpio.drive(break_pin, Level::high);
        put(arr, 79);  // 10 us
        put(ccr1, 40);
        put(ccmr1, 0x60);
        put(egr, 1);
        put(sr, 0);
    }
    bool high(Pin pin) { return chip_.gpio.level(pin) == Level::high; }
    bool driven(Pin pin) { return chip_.gpio.chip_drives(pin).has_value(); }
    bool line(unsigned number) { return chip_.exceptions.state.line[first_irq + number]; }
    std::pair<bool, bool> both() { return {high(main_pin), high(complement_pin)}; }
};

TEST_F(Tim1, DrivesNothingBeforeItsMainOutput) {  // 14.4.18, MOE
    put(ccer, cc1e | cc1ne);
    put(cr1, 1);
    pass(3 * us);
    EXPECT_FALSE(driven(main_pin) || driven(complement_pin));
    put(bdtr, moe);
    EXPECT_TRUE(driven(main_pin) && driven(complement_pin));
}

TEST_F(Tim1, OutputsAreComplementary) {  // table 84
    put(ccer, cc1e | cc1ne);
    put(bdtr, moe);
    put(cr1, 1);
    pass(2 * us);
    EXPECT_EQ(both(), std::pair(true, false));
    pass(5 * us);
    EXPECT_EQ(both(), std::pair(false, true));
    put(ccer, cc1e | cc1p | cc1ne | cc1np);
    EXPECT_EQ(both(), std::pair(true, false)) << "both inverted";
}

TEST_F(Tim1, TheComplementAloneIsTheReferenceItself) {  // table 84: CCxE 0, CCxNE 1
    put(ccer, cc1ne);
    put(bdtr, moe);
    put(cr1, 1);
    pass(2 * us);
    EXPECT_TRUE(high(complement_pin));
    EXPECT_FALSE(driven(main_pin));
    put(bdtr, moe | ossr);
    EXPECT_TRUE(driven(main_pin)) << "off state, driven inactive";
    EXPECT_FALSE(high(main_pin));
    put(ccer, cc1ne | cc1p);
    EXPECT_TRUE(high(main_pin)) << "inactive is high then";
    put(ccer, 0);
    EXPECT_FALSE(driven(main_pin) || driven(complement_pin));
}

TEST_F(Tim1, DeadTimeDelaysEachRisingEdge) {  // 14.3.11, 14.4.18
    struct Case {
        std::uint32_t dtg, cr1;
        int ticks;
    };
    for (const auto& [dtg, clock, ticks] :
         {Case{8, 0, 8}, Case{8, 0x100, 16}, Case{0x82, 0, 132}, Case{0xc1, 0, 264}, Case{0xe1, 0, 528}}) {
        put(cr1, 0);
        put(arr, 1599);
        put(ccr1, 800);
        put(egr, 1);
        put(bdtr, moe | dtg);
        put(ccer, cc1e | cc1ne);
        std::vector<std::pair<Pin, Time>> edges;
        chip_.pin_changed = [&](Pin pin, Level) {
            if (pin == main_pin || pin == complement_pin) edges.emplace_back(pin, chip_.services.now());
        };
        put(cr1, 1 | clock);
        pass(390 * us);  // begins in the second half of the first period, ends in the second period's
        chip_.pin_changed = nullptr;
        ASSERT_GE(edges.size(), 4u) << dtg;
        const auto last = edges.size() - 1;
        EXPECT_EQ(edges[last].first, complement_pin) << dtg;
        EXPECT_EQ(edges[last].second - edges[last - 1].second, ticks * tick) << dtg;
        EXPECT_EQ(edges[last - 2].first, main_pin) << dtg;
        EXPECT_EQ(edges[last - 2].second - edges[last - 3].second, ticks * tick) << dtg;
    }
}

TEST_F(Tim1, APulseShorterThanTheDeadTimeIsSwallowed) {  // 14.3.11, figure 88
    put(ccr1, 4);
    put(egr, 1);
    put(bdtr, moe | 8);
    put(ccer, cc1e | cc1ne);
    put(cr1, 1);
    bool seen = false;
    chip_.pin_changed = [&](Pin pin, Level level) { seen = seen || (pin == main_pin && level == Level::high); };
    pass(50 * us);
    EXPECT_FALSE(seen);
}

TEST_F(Tim1, ABreakSwitchesTheOutputsToTheirIdleStates) {  // 14.3.12
    put(cr2, bit(8));                                      // OIS1
    put(dier, bit(7));
    put(ccer, cc1e | cc1ne);
    put(bdtr, moe | bke | ossi | 8);
    put(cr1, 1);
    pass(7 * us);
    EXPECT_FALSE(line(24));
    chip_.gpio.drive(break_pin, Level::low);
    EXPECT_EQ(both(), std::pair(false, false)) << "inactive first";
    EXPECT_TRUE(line(24));
    pass(9 * tick);
    EXPECT_EQ(both(), std::pair(true, false)) << "idle states after the dead time";
    put(bdtr, moe | bke | ossi | 8);
    EXPECT_EQ(get(bdtr) & moe, 0u) << "as long as the break is there";
    chip_.gpio.drive(break_pin, Level::high);
    put(sr, 0);
    EXPECT_FALSE(line(24));
    pass(20 * us);
    EXPECT_EQ(get(bdtr) & moe, 0u);
    put(bdtr, moe | bke | ossi | 8);
    EXPECT_NE(get(bdtr) & moe, 0u);
}

TEST_F(Tim1, AnAutomaticOutputComesBackWithTheNextUpdate) {  // 14.4.18, AOE
    put(ccer, cc1e);
    put(bdtr, aoe | bke | bkp);
    EXPECT_EQ(get(bdtr) & moe, 0u) << "the break is high here, and there";
    put(cr1, 1);
    pass(25 * us);
    EXPECT_EQ(get(bdtr) & moe, 0u);
    chip_.gpio.drive(break_pin, Level::low);
    EXPECT_EQ(get(bdtr) & moe, 0u) << "not before an update event";
    pass(10 * us);
    EXPECT_NE(get(bdtr) & moe, 0u);
    put(egr, bit(7));
    EXPECT_EQ(get(bdtr) & moe, 0u) << "a break by software";
    pass(10 * us);
    EXPECT_NE(get(bdtr) & moe, 0u);
}

TEST_F(Tim1, TheClockSecuritySystemIsABreak) {  // 14.3.12, 7.2.7
    const auto fail_crystal = [this] {
        chip_.rcc.fail_crystal(false);
        put(rcc_cr, 0x0009'0083);
        pass(3000 * us);
        put(rcc_cfgr, 1);
        ASSERT_EQ(get(rcc_cfgr) & 0xc, 4u);
        chip_.rcc.fail_crystal(true);
        EXPECT_EQ(get(rcc_cfgr) & 0xc, 0u);
        put(rcc + 8, bit(23));
    };
    put(dier, bit(7));
    put(ccer, cc1e);
    put(bdtr, moe | bkp);
    fail_crystal();
    EXPECT_NE(get(bdtr) & moe, 0u) << "BKE is 0";
    EXPECT_FALSE(line(24));
    put(bdtr, moe | bke | bkp);
    chip_.gpio.drive(break_pin, Level::low);
    put(sr, 0);
    put(bdtr, moe | bke | bkp);
    ASSERT_NE(get(bdtr) & moe, 0u);
    fail_crystal();
    EXPECT_EQ(get(bdtr) & moe, 0u);
    EXPECT_FALSE(driven(main_pin));
    EXPECT_TRUE(line(24));
    put(bdtr, moe | bke | bkp);
    EXPECT_NE(get(bdtr) & moe, 0u) << "an event, and no level";
}

TEST_F(Tim1, OutputsWaitForACommutation) {  // 14.3.13
    put(bdtr, moe);
    put(ccer, cc1e);
    put(cr2, 1);  // CCPC
    put(dier, bit(5));
    put(ccmr1, 0x40);  // forced inactive
    put(ccer, cc1e | cc1ne);
    put(cr1, 1);
    pass(2 * us);
    EXPECT_TRUE(high(main_pin)) << "still PWM";
    EXPECT_FALSE(driven(complement_pin));
    put(egr, bit(5));
    EXPECT_EQ(both(), std::pair(false, true));
    EXPECT_TRUE(line(26));
    put(sr, 0);
    EXPECT_FALSE(line(26));
}

TEST_F(Tim1, LockFreezesWhatItsLevelSays) {  // 14.4.18
    put(cr2, bit(8));
    put(bdtr, 0x100 | ossr | 5);  // level 1
    put(bdtr, 0x300 | ossi | 9);
    EXPECT_EQ(get(bdtr), 0x100u | ossi | 5u) << "LOCK and DTG stay, OSSR and OSSI do not";
    put(cr2, 0);
    EXPECT_EQ(get(cr2), bit(8));
    put(ccer, cc1p);
    EXPECT_EQ(get(ccer), cc1p);
    EXPECT_EQ(complaints(), 1u);
}

TEST_F(Tim1, ALockOfLevel3KeepsModesAndPolarities) {
    put(bdtr, 0x300);
    put(ccmr1, 0x70);
    EXPECT_EQ(get(ccmr1), 0x60u);
    put(ccer, cc1e | cc1p);
    EXPECT_EQ(get(ccer), cc1e);
    put(bdtr, ossr);
    EXPECT_EQ(get(bdtr), 0x300u);
}

TEST_F(Tim1, CountsRepetitions) {  // 14.3.3
    const auto updates = [&](std::uint32_t control, std::uint32_t repetitions, Time span) {
        put(cr1, 0);
        put(rcr, repetitions);
        put(cr1, control & ~1u);
        put(egr, 1);
        put(sr, 0);
        put(cr1, control);
        int count = 0;
        for (Time at{}; at < span; at += us) {
            pass(us);
            if ((get(sr) & 1) != 0) ++count;
            put(sr, 0);
        }
        return count;
    };
    EXPECT_EQ(updates(1, 0, 121 * us), 12) << "each overflow";
    EXPECT_EQ(updates(1, 2, 121 * us), 4) << "each third";
    EXPECT_EQ(updates(0x11, 2, 121 * us), 4) << "downwards";
    EXPECT_EQ(updates(0x61, 0, 121 * us), 12) << "centred: overflow and underflow, each 79 ticks";
    EXPECT_EQ(updates(0x61, 1, 121 * us), 6) << "once a period";
}

}  // namespace
}  // namespace sim::chip
