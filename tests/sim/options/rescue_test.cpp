// SPDX-License-Identifier: ISC
// What is off unless asked for: two resets, the watchdog over the application, write protection.
#include "tests/sim/options/option_build.hpp"

namespace sim::test {
namespace {

class RescueOptions : public OptionsTest {
  protected:
    bool runs_application() { return bench->running(application); }
    bool shows_dfu() { return bench->machine.led_lit(); }
};

TEST_F(RescueOptions, TwoResetsEnterDfu) {
    use("double-reset").install(application);
    bench->machine.power_on();
    bench->machine.run_for(450 * millisecond);
    EXPECT_FALSE(runs_application());
    bench->machine.run_for(100 * millisecond);
    EXPECT_TRUE(runs_application());

    bench->machine.reset();
    bench->machine.run_for(300 * millisecond);
    bench->machine.reset();
    bench->machine.run_for(50 * millisecond);
    EXPECT_TRUE(shows_dfu());
    bench->enumerate();
    expect_update_works();
}

TEST_F(RescueOptions, TwoResetsFarApartDoNot) {
    use("double-reset").install(application);
    bench->machine.power_on();
    bench->machine.run_for(600 * millisecond);
    for (int i = 0; i < 3; ++i) {
        bench->machine.reset();
        bench->machine.run_for(600 * millisecond);
        EXPECT_TRUE(runs_application());
    }
    // The one that was meant for DFU is spent: the next reset starts anew.
    bench->machine.reset();
    bench->machine.run_for(100 * millisecond);
    bench->machine.reset();
    bench->machine.run_for(100 * millisecond);
    EXPECT_TRUE(shows_dfu());
    bench->machine.reset();
    bench->machine.run_for(600 * millisecond);
    EXPECT_TRUE(runs_application());
}

TEST_F(RescueOptions, AnApplicationThatHangsReturnsToDfu) {
    use("watchdog").install(application);  // which never feeds it
    bench->machine.power_on();
    bench->machine.run_for(1'800 * millisecond);
    EXPECT_TRUE(runs_application());
    EXPECT_EQ(bench->machine.counters().resets, 1U);
    bench->machine.run_for(500 * millisecond);
    EXPECT_EQ(bench->machine.last_reset(), ResetCause::independent_watchdog);
    EXPECT_TRUE(shows_dfu());
    bench->enumerate();
    // Longer than the watchdog's time, in which the bootloader must not be bitten.
    bench->host.advance(5'000 * millisecond);
    EXPECT_TRUE(shows_dfu());
    expect_update_works(20'000);
}

TEST_F(RescueOptions, WithoutTheOptionNothingWatches) {
    use("unneeded").install(application);
    bench->machine.power_on();
    bench->machine.run_for(30'000 * millisecond);
    EXPECT_TRUE(runs_application());
    EXPECT_EQ(bench->machine.last_reset(), ResetCause::power_on);
}

TEST_F(RescueOptions, TheBootloadersPagesAreProtectedOnce) {
    use("protect").enter_dfu();
    const auto protection = [&] { return bench->machine.option_bytes()[8]; };  // WRP0
    EXPECT_EQ(protection(), 0xFE);                                             // the first 4 KiB
    EXPECT_EQ(bench->machine.option_bytes()[0], 0xA5);                         // RDP: not read protected
    const auto spent = bench->machine.counters().flash_operations;

    bench->enter_dfu_again();
    EXPECT_EQ(bench->machine.counters().flash_operations, spent);
    bench->watch.clear();
    expect_update_works(20'000);
    EXPECT_EQ(protection(), 0xFE);
}

TEST_F(RescueOptions, AHighMemoryBootloadersPagesAreProtected) {
    Target target = standard_target();
    target.application = 0x0800'0000;
    target.high_memory = true;
    target.application_end = 0x0802'0000 - 4096 - 1024;  // the record page in front of 4 KiB
    use("protect-high", board_named("bluepill"), target).enter_dfu();
    EXPECT_EQ(bench->machine.option_bytes()[14], 0x7F);  // WRP3: the last 4 KiB of 128
    EXPECT_EQ(bench->machine.option_bytes()[8], 0xFF);
    bench->enter_dfu_again();  // from here on it is in force
    bench->watch.clear();
    expect_update_works(20'000);
    bench->enter_dfu_again();
    expect_update_works(target.capacity());
}

TEST_F(RescueOptions, WithoutTheOptionNothingIsProtected) {
    use("unneeded").enter_dfu();
    expect_update_works();
    EXPECT_EQ(bench->machine.option_bytes()[8], 0xFF);
}

}  // namespace
}  // namespace sim::test
