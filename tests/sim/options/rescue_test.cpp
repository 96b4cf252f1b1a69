// SPDX-License-Identifier: ISC
// What is off unless asked for: two resets, the watchdog over the application, write protection.
#include <algorithm>
#include <array>

#include "tests/sim/options/option_build.hpp"

namespace sim::test {
namespace {

using OptionBytes = std::array<std::uint8_t, 16>;

/// RDP, USER, Data0 and Data1; write protection only in WRP1, for pages 32 to 63, if at all.
OptionBytes option_bytes(std::uint8_t rdp, std::uint8_t user, std::uint8_t data0, std::uint8_t data1,
                         std::uint8_t wrp1 = 0xFF) {
    OptionBytes made{};
    const std::uint8_t values[8] = {rdp, user, data0, data1, 0xFF, wrp1, 0xFF, 0xFF};
    for (std::size_t i = 0; i < 8; ++i) {
        made[2 * i] = values[i];
        made[2 * i + 1] = static_cast<std::uint8_t>(~values[i]);
    }
    return made;
}
constexpr std::uint8_t readable = 0xA5, all_off = 0xFF, hardware_watchdog = 0xFE;

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

/// It strikes after 410 ms, and the wait for the second reset takes longer.
TEST_F(RescueOptions, TwoResetsEnterDfuAlsoWithAWatchdogThatRunsFromResetOn) {
    use("double-reset").install(application);
    bench->machine.set_option_bytes(option_bytes(readable, hardware_watchdog, 0xFF, 0xFF));
    bench->machine.power_on();
    bench->machine.run_for(550 * millisecond);
    EXPECT_TRUE(runs_application());
    EXPECT_EQ(bench->machine.last_reset(), ResetCause::power_on);
    bench->machine.reset();
    bench->machine.run_for(300 * millisecond);
    bench->machine.reset();
    bench->machine.run_for(1'000 * millisecond);
    EXPECT_TRUE(shows_dfu());
    EXPECT_NE(bench->machine.last_reset(), ResetCause::independent_watchdog);
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
    EXPECT_EQ(bench->machine.counters().complaints, 0U) << "such as a register of the watchdog's that is still busy";
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

TEST_F(RescueOptions, ProtectingKeepsAllOtherOptionBytesAndWritesReadProtectionFirst) {
    use("protect");
    bench->machine.set_option_bytes(option_bytes(readable, 0xFB, 0x12, 0xE7, 0x3F));
    bench->enter_dfu();
    OptionBytes expected = option_bytes(readable, 0xFB, 0x12, 0xE7, 0x3F);
    expected[8] = 0xFE;
    expected[9] = 0x01;
    EXPECT_TRUE(std::ranges::equal(bench->machine.option_bytes(), expected));
    // Erased, the byte for read protection means that there is some: a cut must find it again as early as can be.
    std::vector<std::uint32_t> programmed;
    bool erased = false;
    for (const auto& operation : bench->watch.operations()) {
        if (operation.kind == FlashOperation::Kind::erase_options) erased = true;
        if (operation.kind == FlashOperation::Kind::program_option) programmed.push_back(operation.address);
    }
    EXPECT_TRUE(erased);
    ASSERT_FALSE(programmed.empty());
    EXPECT_EQ(programmed.front(), 0x1FFF'F800U);
}

TEST_F(RescueOptions, AReadProtectedChipIsLeftAsItIs) {
    const OptionBytes before = option_bytes(0x00, all_off, 0x12, 0xE7);
    use("protect").install(application);
    bench->machine.set_option_bytes(before);
    bench->enter_dfu();
    EXPECT_TRUE(std::ranges::equal(bench->machine.option_bytes(), before));
    EXPECT_TRUE(bench->watch.operations().empty());
    EXPECT_TRUE(bench->boots(application));
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
