// SPDX-License-Identifier: ISC
// External interrupts and events (RM0008 10): edges of pins, software, masks, the lines that share an interrupt.
#include "tests/sim/chip/chip_fixture.hpp"

namespace sim::chip {
namespace {

constexpr std::uint32_t exti = 0x4001'0400, imr = exti, emr = exti + 4, rtsr = exti + 8, ftsr = exti + 0xc,
                        swier = exti + 0x10, pr = exti + 0x14, exticr2 = 0x4001'000c;

struct ExtiTest : ChipTest {
    ExtiTest() {
        put(apb2enr, bit(0) | bit(2) | bit(3));
        for (const char port : {'A', 'B'})
            for (unsigned number = 0; number < 16; ++number)
                chip_.gpio.drive({port, static_cast<std::uint8_t>(number)}, Level::low);
    }
    bool line(unsigned number) { return chip_.exceptions.state.line[first_irq + number]; }
    void pulse(Pin pin) {
        chip_.gpio.drive(pin, Level::high);
        chip_.gpio.drive(pin, Level::low);
    }
};

TEST_F(ExtiTest, TakesTheEdgesThatAreChosen) {  // 10.3.3, 10.3.4
    put(imr, bit(0));
    put(rtsr, bit(0));
    chip_.gpio.drive({'A', 0}, Level::high);
    EXPECT_TRUE(line(6));
    put(pr, bit(0));
    EXPECT_FALSE(line(6));
    chip_.gpio.drive({'A', 0}, Level::low);
    EXPECT_FALSE(line(6));
    put(ftsr, bit(0));
    put(rtsr, 0);
    chip_.gpio.drive({'A', 0}, Level::high);
    EXPECT_EQ(get(pr), 0u);
    chip_.gpio.drive({'A', 0}, Level::low);
    EXPECT_EQ(get(pr), bit(0));
}

TEST_F(ExtiTest, ListensToThePortThatAfioNames) {  // 9.4.4
    put(imr, bit(5));
    put(rtsr, bit(5));
    put(exticr2, 1 << 4);  // line 5: port B
    pulse({'A', 5});
    EXPECT_FALSE(line(23));
    pulse({'B', 5});
    EXPECT_TRUE(line(23));
}

TEST_F(ExtiTest, LinesShareAnInterruptUntilTheLastIsCleared) {  // table 63
    put(imr, 0xffff);
    put(rtsr, 0xffff);
    pulse({'A', 5});
    pulse({'A', 9});
    EXPECT_TRUE(line(23));
    EXPECT_FALSE(line(40));
    put(pr, bit(5));
    EXPECT_TRUE(line(23));
    put(pr, bit(9));
    EXPECT_FALSE(line(23));
    pulse({'A', 10});
    pulse({'A', 15});
    EXPECT_TRUE(line(40));
    EXPECT_EQ(get(pr), bit(10) | bit(15));
}

TEST_F(ExtiTest, SoftwareSetsWhatIsUnmasked) {  // 10.3.5
    put(swier, bit(3));
    EXPECT_EQ(get(pr), 0u) << "masked";
    put(pr, bit(3));
    put(imr, bit(3));
    put(swier, bit(3));
    EXPECT_TRUE(line(9));
    EXPECT_EQ(get(swier), bit(3));
    put(pr, bit(3));
    EXPECT_EQ(get(swier), 0u) << "cleared with the pending bit";
    EXPECT_FALSE(line(9));
    put(swier, bit(3));
    EXPECT_TRUE(line(9));
}

TEST_F(ExtiTest, AnEventWakesAndLeavesNoPendingBit) {  // 10.2.3
    put(emr, bit(1));
    put(rtsr, bit(1));
    chip_.exceptions.state.event = false;
    pulse({'A', 1});
    EXPECT_TRUE(chip_.exceptions.state.event);
    EXPECT_EQ(get(pr), 0u);
    EXPECT_FALSE(line(7));
}

// --- window watchdog (RM0008 20) ---

constexpr std::uint32_t wwdg_cr = 0x4000'2c00, wwdg_cfr = wwdg_cr + 4, wwdg_sr = wwdg_cr + 8;
constexpr Time wwdg_tick{512'000'000};  // 4096 periods of 8 MHz

struct WwdgTest : ChipTest {
    WwdgTest() { put(apb1enr, bit(11)); }
    bool bitten() const {
        return chip_.services.reset_requested && chip_.services.reset_cause == ResetCause::window_watchdog;
    }
};

TEST_F(WwdgTest, BitesBelow0x40) {  // 20.3
    put(wwdg_cfr, 0x7f);
    put(wwdg_cr, 0x80 | 0x50);
    pass(16 * wwdg_tick);
    EXPECT_EQ(get(wwdg_cr), 0x80u | 0x40);
    EXPECT_FALSE(bitten());
    pass(wwdg_tick);
    EXPECT_TRUE(bitten());
}

TEST_F(WwdgTest, BitesWhenItIsRefreshedTooEarly) {  // 20.3
    put(wwdg_cfr, 0x60);
    put(wwdg_cr, 0x80 | 0x7f);
    pass(31 * wwdg_tick);
    EXPECT_EQ(get(wwdg_cr) & 0x7f, 0x60u);
    put(wwdg_cr, 0x80 | 0x7f);
    EXPECT_FALSE(bitten()) << "within the window";
    pass(10 * wwdg_tick);
    put(wwdg_cr, 0x80 | 0x7f);
    EXPECT_TRUE(bitten());
}

TEST_F(WwdgTest, WarnsAtItsLastTick) {      // 20.6.2, EWI
    put(wwdg_cfr, bit(9) | 1 << 7 | 0x7f);  // two of those periods a tick
    put(wwdg_cr, 0x80 | 0x42);
    pass(3 * wwdg_tick);
    EXPECT_FALSE(chip_.exceptions.state.line[first_irq]);
    pass(wwdg_tick);
    EXPECT_TRUE(chip_.exceptions.state.line[first_irq]);
    put(wwdg_sr, 0);
    EXPECT_FALSE(chip_.exceptions.state.line[first_irq]);
    put(wwdg_cfr, 0x7f);
    EXPECT_NE(get(wwdg_cfr) & bit(9), 0u) << "only a reset clears EWI";
    put(wwdg_cr, 0x3f);
    EXPECT_TRUE(bitten()) << "a value below 0x40 resets at once; WDGA cannot be cleared";
}

TEST_F(WwdgTest, CountsWithoutActingUntilItIsActivated) {  // 20.3
    pass(200 * wwdg_tick);
    EXPECT_FALSE(chip_.services.reset_requested);
}

}  // namespace
}  // namespace sim::chip
