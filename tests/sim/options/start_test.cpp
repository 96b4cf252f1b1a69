// SPDX-License-Identifier: ISC
// Clocks and the backup register: how the bootloader starts, and how it is asked for.
#include "tests/sim/options/option_build.hpp"

namespace sim::test {
namespace {

class StartOptions : public OptionsTest {
  protected:
    static Board with_crystal(std::uint32_t hz) {
        Board board = board_named("bluepill");
        board.wiring.hse_hz = hz;
        return board;
    }
};

TEST_F(StartOptions, TheCommandCanStandElsewhere) {
    use("command").install(application);
    bench->machine.power_on();
    bench->machine.set_backup_register(4, 0x1234);
    bench->machine.reset();
    EXPECT_EQ(bench->watch_start(), Fate::bootloader);
    EXPECT_EQ(bench->machine.backup_register(4), 0);

    for (int number = 1; number <= 10; ++number)
        bench->machine.set_backup_register(number, 0x4F42);
    bench->machine.reset();
    EXPECT_EQ(bench->watch_start(), Fate::application);
    EXPECT_EQ(bench->machine.backup_register(1), 0x4F42);
}

TEST_F(StartOptions, ItRunsWithoutACrystal) {
    use("hsi", with_crystal(0)).enter_dfu();
    EXPECT_EQ(bench->machine.hclk_hz(), 48'000'000U);
    expect_update_works();

    // Nor does it wait the 2 ms of one that is there.
    use("hsi").machine.power_on();
    EXPECT_TRUE(
        bench->machine.run_until(2 * millisecond, [&] { return bench->machine.hclk_hz() > 8'000'000; }, microsecond));
}

TEST_F(StartOptions, ItRunsOnTwelveAndSixteenMegahertz) {
    for (const auto& [build, hz] : {std::pair{"hse-12", 12'000'000U}, std::pair{"hse-16", 16'000'000U}}) {
        SCOPED_TRACE(build);
        use(build, with_crystal(hz)).enter_dfu();
        EXPECT_EQ(bench->machine.hclk_hz(), 72'000'000U);
        expect_update_works();
    }
}

/// Built for a crystal that is not there, it falls back to the internal oscillator.
TEST_F(StartOptions, ACrystalThatDoesNotStartKeepsNobodyOut) {
    for (const auto* build : {"unneeded", "hse-16"}) {
        SCOPED_TRACE(build);
        use(build, with_crystal(0)).enter_dfu();
        EXPECT_EQ(bench->machine.hclk_hz(), 48'000'000U);
        expect_update_works();
    }
}

}  // namespace
}  // namespace sim::test
