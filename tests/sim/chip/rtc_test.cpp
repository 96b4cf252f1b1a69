// SPDX-License-Identifier: ISC
// RTC (RM0008 18), and the limits of clocks.
#include "tests/sim/chip/chip_fixture.hpp"

namespace sim::chip {
namespace {

constexpr std::uint32_t rtc = 0x4000'2800, crh = rtc, crl = rtc + 4, prll = rtc + 0xc, cnth = rtc + 0x18,
                        cntl = rtc + 0x1c, alrh = rtc + 0x20, alrl = rtc + 0x24, bdcr = rcc + 0x20, pwr = 0x4000'7000;
constexpr std::uint32_t secf = 1, alrf = 2, rsf = 8, cnf = bit(4), rtoff = bit(5);
constexpr Time s{1'000'000'000'000}, ms{1'000'000'000};

BoardWiring with_watch_crystal() {
    BoardWiring wiring;
    wiring.lse_hz = 32'768;
    return wiring;
}

struct RtcTest : ChipTest {
    RtcTest() : ChipTest(with_watch_crystal()) {
        put(apb1enr, bit(27) | bit(28));
        put(pwr, bit(8));
        put(bdcr, 1);
        pass(4 * s);
        put(bdcr, 0x8101);
        pass(ms);
    }
    void configure(std::uint32_t prescaler, std::uint32_t alarm) {
        put(crl, cnf);
        put(prll, prescaler);
        put(alrh, alarm >> 16);
        put(alrl, alarm & 0xffff);
        put(cnth, 0);
        put(cntl, 0);
        put(crl, 0);
        pass(ms);
    }
};

TEST_F(RtcTest, CountsSecondsOnTheWatchCrystal) {
    configure(0x7fff, 1000);
    put(crl, 0);
    pass(ms);
    EXPECT_EQ(get(crl) & rsf, rsf);
    pass(10 * s);
    EXPECT_EQ(get(cntl), 10u);
    EXPECT_EQ(get(crl) & secf, secf);
    EXPECT_EQ(complaints(), 0u);
}

TEST_F(RtcTest, WritesWhenConfigurationIsLeft) {  // 18.3.4
    put(cntl, 77);
    EXPECT_EQ(complaints(), 1u) << "CNF is 0";
    put(crl, cnf);
    put(cntl, 77);
    EXPECT_NE(get(cntl), 77u);
    put(crl, 0);
    EXPECT_EQ(get(crl) & rtoff, 0u);
    put(crh, 0);
    put(crl, cnf);
    EXPECT_EQ(get(crl) & cnf, 0u) << "a write before RTOFF";
    pass(ms);
    EXPECT_EQ(get(crl) & rtoff, rtoff);
    EXPECT_EQ(get(cntl), 77u);
}

TEST_F(RtcTest, RaisesItsAlarm) {
    put(crh, alrf);
    configure(0x7fff, 3);
    pass(2 * s);
    EXPECT_FALSE(chip_.exceptions.state.pending[first_irq + 3]);
    pass(s);
    EXPECT_TRUE(chip_.exceptions.state.pending[first_irq + 3]);
    EXPECT_EQ(get(crl) & alrf, alrf);
    put(crl, rtoff | rsf);
    EXPECT_EQ(get(crl) & alrf, 0u);
}

TEST_F(RtcTest, GoesOnThroughAReset) {  // 18.3.2
    configure(0x7fff, 1000);
    pass(5 * s);
    chip_.system_reset(ResetCause::pin);
    pass(5 * s);
    EXPECT_EQ(get(cntl), 10u);
}

TEST_F(RtcTest, MayShowOldValuesBeforeRsf) {  // 18.3.3
    chip_.system_reset(ResetCause::pin);
    get(cntl);
    EXPECT_EQ(complaints(), 1u);
    pass(ms);
    get(cntl);
    EXPECT_EQ(complaints(), 1u);
}

TEST_F(RtcTest, IsProtectedWithoutDbp) {  // 5.1.2
    put(pwr, 0);
    put(crl, cnf);
    EXPECT_EQ(get(crl) & cnf, 0u);
    EXPECT_EQ(complaints(), 1u);
}

TEST_F(RtcTest, TakesItsClockOnce) {  // 7.3.9
    put(bdcr, 0x8201);
    EXPECT_EQ(get(bdcr) & 0x300, 0x100u);
    EXPECT_EQ(complaints(), 1u);
}

struct NoWatchCrystal : ChipTest {};
TEST_F(NoWatchCrystal, IsNeverReady) {
    put(apb1enr, bit(27) | bit(28));
    put(pwr, bit(8));
    put(bdcr, 0x8101);
    pass(10 * s);
    EXPECT_EQ(get(bdcr) & 2, 0u);
    EXPECT_EQ(get(crl) & rsf, 0u);
}

// --- limits of clocks, and what has no clock ---

struct Overclocked : testing::TestWithParam<bool> {};
TEST_P(Overclocked, IsRefusedByTheStrictAlone) {  // 7.2
    Chip chip(stm32f103c8, {}, {.strict = GetParam(), .log = {}});
    chip.powered = true;
    chip.system_reset(ResetCause::power_on);
    chip.write(flash_acr, 4, 0x12);
    chip.write(rcc_cfgr, 4, 0x0038'0000);  // HSI / 2 * 16 = 64 MHz, APB1 not divided
    chip.write(rcc_cr, 4, 0x0100'0083);
    chip.services.clock.skip_to(ms);
    chip.run_alarms();
    chip.write(rcc_cfgr, 4, 0x0038'0002);
    EXPECT_EQ(chip.services.complaint_count, 1u);
    EXPECT_EQ(chip.services.refused.find("PCLK1 at 64000000 Hz, 36 MHz is the most") != std::string::npos, GetParam());
}
TEST_P(Overclocked, SysclkHasItsOwnLimit) {  // 7.2
    Chip chip(stm32f103c8, {}, {.strict = GetParam(), .log = {}});
    chip.powered = true;
    chip.system_reset(ResetCause::power_on);
    const auto wait = [&chip] {
        chip.services.clock.skip_to(chip.services.now() + 3 * ms);
        chip.run_alarms();
    };
    chip.write(flash_acr, 4, 0x12);
    chip.write(rcc_cr, 4, 0x0001'0083);
    wait();
    chip.write(rcc_cfgr, 4, 0x0021'0500);  // HSE * 10, APB1 at a quarter
    chip.write(rcc_cr, 4, 0x0101'0083);
    wait();
    EXPECT_EQ(chip.services.complaint_count, 0u);
    chip.write(rcc_cfgr, 4, 0x0021'0502);
    EXPECT_GE(chip.services.complaint_count, 1u);
    EXPECT_EQ(chip.services.refused.find("SYSCLK at 80000000 Hz, 72 MHz is the most") != std::string::npos, GetParam())
        << chip.services.refused;
}
INSTANTIATE_TEST_SUITE_P(Clocks, Overclocked, testing::Bool());

struct UsbClock : ChipTest {};
TEST_F(UsbClock, IsWhatItsRegistersAndMemoryNeed) {  // 23.4.2
    constexpr std::uint32_t usb = 0x4000'5c00, memory = 0x4000'6000;
    put(apb1enr, bit(23));
    put(usb + 0x50, 0x40);
    put(memory, 0x1234);
    EXPECT_EQ(complaints(), 2u);
    put(rcc_cfgr, 0x0028'0000);
    put(rcc_cr, 0x0100'0083);
    pass(ms);
    EXPECT_EQ(get(usb + 0x50), 0u);
    put(usb + 0x50, 0x40);
    put(memory, 0x1234);
    EXPECT_EQ(get(usb + 0x50), 0x40u);
    EXPECT_EQ(get(memory), 0x1234u);
    put(usb + 0x40, 1);
    put(usb + 0x40, 0);
    EXPECT_EQ(complaints(), 3u) << "tSTARTUP after PDWN";
}

}  // namespace
}  // namespace sim::chip
