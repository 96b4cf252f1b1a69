// SPDX-License-Identifier: ISC
// Clocks, pins, backup domain, watchdog, timer, CRC, bus (RM0008), the registers written directly.
#include <gtest/gtest.h>

#include "tests/sim/chip/chip_fixture.hpp"

namespace sim::chip {
namespace {

TEST_F(ChipTest, OscillatorsTakeTheirTime) {
    EXPECT_EQ(get(rcc_cr), 0x83u);
    put(rcc_cr, 0x0001'0083);
    pass(Time{1'900'000'000});
    EXPECT_EQ(get(rcc_cr), 0x0001'0083u);
    pass(Time{200'000'000});
    EXPECT_EQ(get(rcc_cr), 0x0003'0083u);
}

TEST_F(ChipTest, TheClockSwitchWaitsForItsSource) {
    put(flash_acr, 0x12);
    put(rcc_cfgr, 0x001d'0402);
    EXPECT_EQ(get(rcc_cfgr) & 0xc, 0u);
    put(rcc_cr, 0x0001'0083);
    pass(Time{2'100'000'000});
    put(rcc_cr, 0x0101'0083);
    pass(Time{100'000'000});
    EXPECT_EQ(chip_.rcc.hclk_hz(), 8'000'000u) << "the PLL has not locked yet";
    pass(Time{200'000'000});
    EXPECT_EQ(get(rcc_cfgr) & 0xc, 8u);
    EXPECT_EQ(chip_.rcc.hclk_hz(), 72'000'000u);
    EXPECT_EQ(chip_.rcc.pclk1_hz(), 36'000'000u);
    put(rcc_cr, 0x83);
    EXPECT_EQ(get(rcc_cr), 0x0303'0083u) << "what drives SYSCLK cannot be switched off";
    EXPECT_EQ(complaints(), 0u);
}

TEST_F(ChipTest, TooFewWaitStatesAreAComplaint) {
    put(rcc_cr, 0x0101'0083);
    put(rcc_cfgr, 0x001d'0400);
    EXPECT_EQ(complaints(), 1u) << "PLL fields while the PLL is on";
    put(rcc_cr, 0x0001'0083);
    put(rcc_cfgr, 0x001d'0400);
    put(rcc_cr, 0x0101'0083);
    pass(Time{3'000'000'000});
    put(rcc_cfgr, 0x001d'0402);
    EXPECT_EQ(complaints(), 2u);
}

TEST_F(ChipTest, ResetFlagsTellTheCause) {
    EXPECT_EQ(get(csr), 0x0c00'0000u);
    put(csr, 1u << 24);
    EXPECT_EQ(get(csr), 0u);
    chip_.system_reset(ResetCause::software);
    EXPECT_EQ(get(csr), 0x1400'0000u);
}

TEST_F(ChipTest, BackupRegistersNeedClockAndKey) {
    constexpr std::uint32_t dr1 = 0x4000'6c04, pwr_cr = 0x4000'7000;
    EXPECT_EQ(get(dr1), 0u);
    EXPECT_EQ(complaints(), 1u) << "read before the clock is on";
    put(apb1enr, 3u << 27);
    put(dr1, 0x4f42);
    EXPECT_EQ(get(dr1), 0u);
    put(pwr_cr, 0x100);
    put(dr1, 0x4f42);
    EXPECT_EQ(get(dr1), 0x4f42u);
    chip_.system_reset(ResetCause::software);
    EXPECT_EQ(chip_.bkp.state.dr[0], 0x4f42);
    chip_.power_lost();
    EXPECT_EQ(chip_.bkp.state.dr[0], 0) << "no battery";
}

TEST_F(ChipTest, RegistersTakeTheWidthsOfTheManual) {
    put(apb2enr, 0x10);
    chip_.write(0x4001'100c, 2, 1);
    EXPECT_EQ(complaints(), 1u) << "GPIO: words only";
    chip_.read(0x4002'2010, 1);
    EXPECT_EQ(complaints(), 2u) << "FLASH: words only";
    chip_.read(0x4002'1000, 1);
    EXPECT_EQ(complaints(), 2u) << "RCC: any";
    put(0x4002'0000, 1);
    EXPECT_EQ(complaints(), 3u) << "DMA is not modelled";
}

TEST_F(ChipTest, BitBandReachesOneBit) {
    constexpr std::uint32_t apb2enr_bit4 = 0x4200'0000 + (0x2'1018 * 32) + 4 * 4;
    put(apb2enr_bit4, 1);
    EXPECT_EQ(get(apb2enr), 0x10u);
    EXPECT_EQ(get(apb2enr_bit4), 1u);
    chip_.ram[5] = 0;
    put(0x2200'0000 + 5 * 32 + 3 * 4, 1);
    EXPECT_EQ(chip_.ram[5], 8);
}

TEST_F(ChipTest, CrcIsTheEthernetPolynomial) {
    put(rcc + 0x14, 0x54);
    put(0x4002'3008, 1);
    put(0x4002'3000, 0x1234'5678);
    EXPECT_EQ(get(0x4002'3000), 0xdf8a'8a2bu);
}

TEST_F(ChipTest, IndependentWatchdogBites) {
    put(0x4000'3000, 0x5555);
    put(0x4000'3004, 0);  // divided by 4: 0.1 ms a tick
    put(0x4000'3008, 99);
    put(0x4000'3000, 0xcccc);
    pass(Time{9'000'000'000});
    put(0x4000'3000, 0xaaaa);
    pass(Time{9'000'000'000});
    EXPECT_FALSE(chip_.services.reset_requested);
    pass(Time{2'000'000'000});
    EXPECT_TRUE(chip_.services.reset_requested);
    EXPECT_EQ(chip_.services.reset_cause, ResetCause::independent_watchdog);
}

TEST_F(ChipTest, HardwareWatchdogStartsByItself) {
    chip_.flash.state.options[2] = 0xfe;
    chip_.flash.state.options[3] = 0x01;
    chip_.system_reset(ResetCause::pin);
    pass(Time{500'000'000'000});
    EXPECT_TRUE(chip_.services.reset_requested);
}

TEST_F(ChipTest, TimerUpdates) {
    put(apb1enr, 1);
    put(0x4000'0028, 7999);  // 1 kHz, from the first update on
    put(0x4000'002c, 9);
    put(0x4000'0014, 1);
    put(0x4000'0010, 0);
    put(0x4000'000c, 1);
    put(0x4000'0000, 1);
    pass(Time{4'500'000'000});
    EXPECT_EQ(get(0x4000'0024), 4u);
    EXPECT_FALSE(chip_.exceptions.state.pending[16 + 28]);
    pass(Time{6'000'000'000});
    EXPECT_TRUE(chip_.exceptions.state.pending[16 + 28]);
    EXPECT_EQ(get(0x4000'0024), 0u);
}

TEST_F(ChipTest, ALockedPinKeepsItsMode) {
    put(apb2enr, 0x10);
    for (const std::uint32_t value : {0x1'2000u, 0x2000u, 0x1'2000u})
        put(0x4001'1018, value);
    EXPECT_EQ(get(0x4001'1018), 0x1'2000u);
    put(0x4001'1004, 0);
    EXPECT_EQ(get(0x4001'1004), 0x0040'0000u);
}

class BoardTest : public ChipTest {
  protected:
    BoardTest()
        : ChipTest([] {
              BoardWiring wiring;
              wiring.has_button = true;
              wiring.button = {.pin = {'B', 2}, .pressed = Level::high, .drives_when_released = true, .ohms = 100'000};
              return wiring;
          }()) {}
    static constexpr std::uint32_t crl = 0x4001'0c00, idr = 0x4001'0c08, bsrr = 0x4001'0c10;
};

TEST_F(BoardTest, LevelsTakeTimeThroughAResistor) {
    put(apb2enr, 8);
    EXPECT_EQ(get(idr) & 4, 0u);
    chip_.gpio.press(true);
    EXPECT_EQ(get(idr) & 4, 0u);
    pass(Time{8'000'000});
    EXPECT_EQ(get(idr) & 4, 4u);
    put(crl, 0x4444'4844);  // input with pull-down: 40 kOhm inside win over 100 kOhm outside
    pass(Time{8'000'000});
    EXPECT_EQ(get(idr) & 4, 0u);
    put(crl, 0x4444'4244);
    put(bsrr, 4);
    EXPECT_EQ(get(idr) & 4, 4u) << "an output wins at once";
}

TEST_F(BoardTest, ADriverAgainstADriverIsAComplaint) {
    put(apb2enr, 8);
    chip_.gpio.drive({'B', 5}, Level::high);
    put(crl, 0x4424'4444);
    EXPECT_EQ(complaints(), 1u);
}

TEST_F(BoardTest, DebugPinsAreNoGpioUntilReleased) {
    put(apb2enr, 9);
    put(crl, 0x4442'4444);  // PB4, still NJTRST
    EXPECT_EQ(chip_.gpio.chip_drives({'B', 4}), std::nullopt);
    put(0x4001'0004, 0x0200'0000);
    EXPECT_EQ(chip_.gpio.chip_drives({'B', 4}), Level::low);
}

}  // namespace
}  // namespace sim::chip
