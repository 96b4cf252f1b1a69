// SPDX-License-Identifier: ISC
// Where the model used to be kinder than the manual: what silicon does not promise does not work here. Sections are
// those of RM0008, of PM0075 (flash) and of ES096 (errata).
#include "tests/sim/chip/chip_fixture.hpp"

namespace sim::chip {
namespace {

constexpr std::uint32_t keyr = flash_acr + 4, sr = flash_acr + 0xc, cr = flash_acr + 0x10, ar = flash_acr + 0x14;
constexpr std::uint32_t apb1rstr = rcc + 0x10, cir = rcc + 8, bkp = 0x4000'6c00, tim2 = 0x4000'0000, iwdg = 0x4000'3000,
                        aircr = 0xe000'ed0c;
constexpr Time ms{1'000'000'000};

BoardWiring with_crystal(Time start) {
    BoardWiring wiring;
    wiring.hse_start = start;
    return wiring;
}
BoardWiring with_pull() {
    BoardWiring wiring;
    wiring.pulls.push_back({.pin = {'B', 2}, .to = Level::high, .ohms = 100'000, .farads = 0});
    return wiring;
}

struct Strict : ChipTest {
    using ChipTest::ChipTest;
    void unlock() {
        put(keyr, 0x4567'0123);
        put(keyr, 0xcdef'89ab);
    }
    void start_erase() {
        unlock();
        put(cr, 2);
        put(ar, flash_base);
        put(cr, 0x42);
    }
};

// --- flash ---

TEST_F(Strict, BusyIsNotSeenInTheFirstReadAfterStrt) {  // ES096 2.2.8
    start_erase();
    EXPECT_EQ(get(sr) & 1, 0u);
    EXPECT_EQ(get(sr) & 1, 1u);
    pass(21 * ms);
    EXPECT_EQ(get(sr), 0x20u);
}

TEST_F(Strict, AResetDuringAnEraseLeavesCellsHalfDone) {  // PM0075 2.3
    std::fill_n(chip_.flash.array.begin(), 1024, std::uint8_t{0});
    start_erase();
    pass(10 * ms);
    chip_.system_reset(ResetCause::pin);
    const auto blank = std::count(chip_.flash.array.begin(), chip_.flash.array.begin() + 1024, 0xff);
    EXPECT_LT(blank, 1000) << "not erased";
    EXPECT_NE(std::count(chip_.flash.array.begin(), chip_.flash.array.begin() + 1024, 0x00), 1024) << "nor as before";
}

TEST_F(Strict, AKeyForAnOpenLockIsAComplaint) {
    unlock();
    EXPECT_EQ(complaints(), 0u);
    unlock();
    EXPECT_NE(complaints(), 0u);
    EXPECT_EQ(get(cr) & 0x80, 0u) << "libopencm3 unlocks again and again, and works";
}

struct CloneThatHidesLock : Strict {
    CloneThatHidesLock() : Strict({}, {.shows_lock = false}) {}
};
TEST_F(CloneThatHidesLock, IsLockedAllTheSame) {
    EXPECT_EQ(get(cr) & 0x80, 0u);
    put(cr, 2);
    EXPECT_EQ(get(cr), 0u);
    unlock();
    put(cr, 2);
    EXPECT_EQ(get(cr), 2u);
}

// --- clocks ---

TEST_F(Strict, APllThatIsSwitchedOnBeforeItsSourceDoesNotLock) {  // 7.2.3
    put(rcc_cfgr, 0x001d'0400);
    put(rcc_cr, 0x0101'0083);
    pass(5 * ms);
    EXPECT_EQ(get(rcc_cr), 0x0103'0083u);
    EXPECT_EQ(complaints(), 1u);
    put(rcc_cr, 0x0001'0083);
    put(rcc_cr, 0x0101'0083);
    pass(ms);
    EXPECT_EQ(get(rcc_cr), 0x0303'0083u);
}

TEST_F(Strict, ACrystalDoesNotSwingWithHsebyp) {  // 7.2.1
    put(rcc_cr, 0x0004'0083);
    put(rcc_cr, 0x0005'0083);
    pass(10 * ms);
    EXPECT_EQ(get(rcc_cr) & bit(17), 0u);
}

TEST_F(Strict, HsitrimMovesTheFrequency) {  // 7.2.2
    put(rcc_cr, 0x8b);
    EXPECT_EQ(chip_.rcc.hclk_hz(), 8'040'000u);
    put(rcc_cr, 0x03);
    EXPECT_EQ(chip_.rcc.hclk_hz(), 7'360'000u);
}

TEST_F(Strict, TheClockSecuritySystemFallsBackToTheHsiAndPendsNmi) {  // 7.2.7
    put(rcc_cr, 0x0009'0083);
    pass(3 * ms);
    put(rcc_cfgr, 1);
    ASSERT_EQ(get(rcc_cfgr) & 0xc, 4u);
    chip_.rcc.fail_crystal(true);
    EXPECT_EQ(get(rcc_cfgr) & 0xf, 0u);
    EXPECT_EQ(get(rcc_cr) & 0x000b'0000, 0u);
    EXPECT_TRUE(chip_.exceptions.state.pending[nmi]);
    EXPECT_EQ(get(cir) & 0x80, 0x80u);
    put(cir, bit(23));
    EXPECT_EQ(get(cir) & 0x80, 0u);
}

TEST_F(Strict, WithoutItAFailedCrystalStopsTheCore) {
    put(rcc_cr, 0x0001'0083);
    pass(3 * ms);
    put(rcc_cfgr, 1);
    chip_.rcc.fail_crystal(true);
    EXPECT_NE(chip_.services.refused.find("crystal failed"), std::string::npos);
}

struct SlowCrystal : Strict {
    SlowCrystal() : Strict(with_crystal(100 * ms)) {}
};
TEST_F(SlowCrystal, IsReadyWhenItIs) {
    put(rcc_cr, 0x0001'0083);
    pass(99 * ms);
    EXPECT_EQ(get(rcc_cr) & bit(17), 0u);
    pass(2 * ms);
    EXPECT_NE(get(rcc_cr) & bit(17), 0u);
}

struct DeadCrystal : Strict {
    DeadCrystal() : Strict(with_crystal(never)) {}
};
TEST_F(DeadCrystal, NeverStarts) {
    put(rcc_cr, 0x0001'0083);
    pass(5000 * ms);
    EXPECT_EQ(get(rcc_cr) & bit(17), 0u);
}

// --- gates and resets ---

TEST_F(Strict, APeripheralThatIsHeldInResetTakesNothing) {  // 7.3.4
    put(apb1enr, 1);
    put(apb1rstr, 1);
    put(tim2 + 0x2c, 100);
    EXPECT_EQ(get(tim2 + 0x2c), 0xffffu);
    put(apb1rstr, 0);
    put(tim2 + 0x2c, 100);
    EXPECT_EQ(get(tim2 + 0x2c), 100u);
}

TEST_F(Strict, ATimerWithoutClockStands) {
    put(apb1enr, 1);
    put(tim2, 1);
    pass(Time{10'000'000});
    put(apb1enr, 0);
    pass(Time{10'000'000});
    put(apb1enr, 1);
    EXPECT_EQ(get(tim2 + 0x24), 80u) << "10 us at 8 MHz, not 20";
}

TEST_F(Strict, BackupRegistersAreReadWithoutTheirClockAndNotWritten) {
    chip_.bkp.state.dr[0] = 0x4f42;
    EXPECT_EQ(get(bkp + 4), 0x4f42u);
    put(bkp + 4, 1);
    EXPECT_EQ(chip_.bkp.state.dr[0], 0x4f42u);
}

TEST_F(Strict, VectresetLeavesPeripheralsAlone) {
    put(apb1enr, 1);
    put(aircr, 0x05fa'0001);
    EXPECT_FALSE(chip_.services.reset_requested);
    EXPECT_TRUE(chip_.services.core_reset_requested);
}

// --- IWDG ---

TEST_F(Strict, AnIwdgRegisterIsTakenOverInTheLsisOwnTime) {  // 19.4.4
    put(iwdg, 0x5555);
    put(iwdg + 4, 1);
    put(iwdg + 8, 9);
    EXPECT_EQ(get(iwdg + 0xc), 3u);
    put(iwdg + 8, 19);
    EXPECT_EQ(complaints(), 1u) << "RVU is set";
    pass(Time{126'000'000});
    EXPECT_EQ(get(iwdg + 0xc), 0u);
    put(iwdg, 0xcccc);
    pass(Time{1'990'000'000});
    EXPECT_FALSE(chip_.services.reset_requested);
    pass(Time{20'000'000});
    EXPECT_TRUE(chip_.services.reset_requested) << "ten counts of 8 cycles";
}

TEST_F(Strict, AReloadBeforeThatTakesTheOldValue) {
    put(iwdg, 0x5555);
    put(iwdg + 8, 9);
    put(iwdg, 0xcccc);
    pass(Time{10'000'000'000});
    EXPECT_FALSE(chip_.services.reset_requested);
}

struct LsiOf : testing::TestWithParam<std::uint32_t> {};
TEST_P(LsiOf, DecidesWhenTheWatchdogBites) {  // DS5319 table 25
    ChipVariant variant;
    variant.lsi_hz = GetParam();
    Chip chip(variant, {}, {});
    chip.powered = true;
    chip.system_reset(ResetCause::power_on);
    chip.write(iwdg, 4, 0xcccc);
    const Time due = time_of(4096 * 4, GetParam());
    chip.services.clock.skip_to(due - Time{1'000'000});
    chip.run_alarms();
    EXPECT_FALSE(chip.services.reset_requested);
    chip.services.clock.skip_to(due + Time{1'000'000});
    chip.run_alarms();
    EXPECT_TRUE(chip.services.reset_requested);
}
INSTANTIATE_TEST_SUITE_P(Datasheet, LsiOf, testing::Values(30'000, 40'000, 60'000));

// --- USART and pins ---

TEST_F(Strict, AUsartSendsOnlyThroughAnAlternateFunctionPin) {  // 9.1.9
    std::vector<std::uint8_t> sent;
    chip_.usart_sent = [&](int, std::uint8_t byte) { sent.push_back(byte); };
    constexpr std::uint32_t usart1 = 0x4001'3800, gpioa_crh = 0x4001'0804;
    put(apb2enr, bit(2) | bit(14));
    put(usart1 + 8, 0x45);
    put(usart1 + 0xc, 0x2008);
    put(usart1 + 4, 'x');
    pass(ms);
    EXPECT_TRUE(sent.empty());
    put(gpioa_crh, 0x4444'44b4);
    put(usart1 + 4, 'y');
    pass(ms);
    EXPECT_EQ(sent, std::vector<std::uint8_t>{'y'});
}

struct WeakPull : Strict {
    WeakPull() : Strict(with_pull()) {}
};
TEST_F(WeakPull, ChargesThePinsOwnCapacitance) {
    put(apb2enr, bit(3));
    put(0x4001'0c00, 0x4444'4244);  // driven low
    put(0x4001'0c00, 0x4444'4444);
    pass(Time{7'000'000});
    EXPECT_EQ(chip_.gpio.level({'B', 2}), Level::low) << "3 x 100 kOhm x 25 pF";
    pass(Time{1'000'000});
    EXPECT_EQ(chip_.gpio.level({'B', 2}), Level::high);
}

}  // namespace
}  // namespace sim::chip
