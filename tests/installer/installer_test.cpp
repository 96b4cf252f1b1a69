// SPDX-License-Identifier: ISC
// Installers, over the bootloaders that others have and over one of ours: what becomes of the chip, and on which chips
// nothing does.
#include <array>

#include <gtest/gtest.h>

#include "tests/installer/installation.hpp"
#include "tests/sim/support/bench.hpp"

namespace installer_test {
namespace {

using sim::Level;
using sim::Machine;
using sim::millisecond;
using sim::test::Application;
using sim::test::Bench;
using sim::test::identifier;
using sim::test::make_application;
using sim::test::target;

struct Case {
    const char* target;
    const char* predecessor;
};
constexpr std::array cases{
    Case{"bluepill", "c-dapboot"},      Case{"bluepill", "maple"},
    Case{"bluepill", "maple-5000"},     Case{"bluepill", "katapult"},
    Case{"maplemini", "maple"},         Case{"maplemini", "maple-5000"},
    Case{"bttskrminie3v2", "katapult"}, Case{"bluepill-high", "c-dapboot"},
    Case{"bluepill-high-128", "maple"}, Case{"bttskrminie3v2-high-256", "katapult"},
};

class InstallerTest : public testing::TestWithParam<Case> {};

TEST_P(InstallerTest, EndsInTheNewBootloaderWhichTakesAnApplication) {
    const auto& on = target(GetParam().target);
    Installation board(on, stand_in(GetParam().predecessor));
    board.machine.power_on();
    ASSERT_TRUE(board.ends_in_new());
    EXPECT_EQ(board.machine.counters().complaints, 0U);
    // Power off and on: still the bootloader, since the installer is no application any more.
    const std::size_t operations = board.recorder.operations.size();
    board.machine.power_off();
    board.machine.power_on();
    ASSERT_TRUE(board.ends_in_new(100 * millisecond));
    EXPECT_EQ(board.recorder.operations.size(), operations);

    sim::UsbHost host(board.machine.usb(), board.machine);
    sim::HostTransport transport(host);
    const Application application = make_application(on, 5000, 7);
    const auto configuration = flasher::parse_configuration(transport.device().configuration_descriptor);
    flasher::DfuClient(transport, flasher::dfu_interfaces(configuration).at(0)).download(application.bytes);
    EXPECT_TRUE(sim::test::holds(on, board.machine.flash(), application));
}

TEST_P(InstallerTest, LightsTheLedWhileItWorks) {
    const auto& on = target(GetParam().target);
    Installation board(on, stand_in(GetParam().predecessor));
    if (!on.make_board().wiring.has_led) return;
    board.machine.power_on();
    ASSERT_TRUE(board.machine.run_until(board.machine.now() + 500 * millisecond,
                                        [&] { return board.recorder.operations.size() > 100; }));
    EXPECT_TRUE(board.machine.led_lit());
}

INSTANTIATE_TEST_SUITE_P(All, InstallerTest, testing::ValuesIn(cases), [](const auto& named) {
    return identifier(std::string(named.param.target) + "_over_" + named.param.predecessor);
});

/// How often the LED lights up before it pauses.
unsigned blinks(Machine& machine) {
    // From the end of a pause: dark for a second.
    const auto dark_for = [&](sim::Time span) {
        return !machine.run_until(machine.now() + span, [&] { return machine.led_lit(); });
    };
    const auto wait = [&](bool lit) {
        return machine.run_until(machine.now() + 3000 * millisecond, [&] { return machine.led_lit() == lit; });
    };
    for (unsigned tries = 0; tries < 8; ++tries) {
        if (!wait(true) || !wait(false)) return 0;
        if (dark_for(800 * millisecond)) break;
    }
    for (unsigned count = 0; count < 20; ++count) {
        if (!wait(true) || !wait(false)) return 0;
        if (dark_for(800 * millisecond)) return count + 1;
    }
    return 0;
}

class RefusalTest : public testing::Test {
  protected:
    /// It blinks so, the old bootloader is as it was, and the chip starts it again.
    static void expect_refusal(Installation& board, unsigned times) {
        board.machine.power_on();
        EXPECT_EQ(blinks(board.machine), times);
        const std::size_t size = board.old.application - flash_base;
        EXPECT_TRUE(std::ranges::equal(board.machine.flash().first(size), std::span(board.first_flash).first(size)));
        bool started = false;
        board.machine.on_execute(board.entry, [&](sim::Time) { started = true; });
        board.machine.power_off();
        board.machine.power_on();
        EXPECT_TRUE(board.machine.run_until(board.machine.now() + 200 * millisecond, [&] { return started; }));
    }
    static std::array<std::uint8_t, 16> options(std::uint8_t rdp, std::array<std::uint8_t, 4> wrp) {
        std::array<std::uint8_t, 16> bytes{rdp,    0, 0xFF,   0, 0xFF,   0, 0xFF,   0,
                                           wrp[0], 0, wrp[1], 0, wrp[2], 0, wrp[3], 0};
        for (std::size_t at = 0; at < bytes.size(); at += 2)
            bytes[at + 1] = static_cast<std::uint8_t>(~bytes[at]);
        return bytes;
    }
};

TEST_F(RefusalTest, OfAReadProtectedChip) {
    Installation board(target("bluepill"), stand_in("c-dapboot"));
    board.machine.set_option_bytes(options(0x00, {0xFF, 0xFF, 0xFF, 0xFF}));
    expect_refusal(board, 2);
}

TEST_F(RefusalTest, OfEachWriteProtectedUnitThatItNeeds) {
    struct {
        const char *target, *predecessor;
        std::array<std::uint8_t, 4> wrp;
    } const protections[] = {
        {"bluepill", "c-dapboot", {0xFE, 0xFF, 0xFF, 0xFF}},       // the bootloader's 4 KiB
        {"bluepill", "maple-5000", {0xFB, 0xFF, 0xFF, 0xFF}},      // the application's first page
        {"bluepill-high", "maple", {0xFF, 0x7F, 0xFF, 0xFF}},      // the last 4 KiB of 64
        {"bluepill-high-128", "maple", {0xFF, 0xFF, 0xFF, 0x7F}},  // the last 4 KiB of 128
        {"bluepill-high", "maple", {0xFE, 0xFF, 0xFF, 0xFF}},      // page 0
    };
    for (const auto& [name, predecessor, wrp] : protections) {
        SCOPED_TRACE(name);
        Installation board(target(name), stand_in(predecessor));
        board.machine.set_option_bytes(options(0xA5, wrp));
        expect_refusal(board, 2);
    }
}

TEST_F(RefusalTest, OfPagesOfAnotherSize) {
    const auto& small = target("bluepill");
    auto large_pages = small.make_board();
    large_pages.chip.page_bytes = 2048;
    Installation on_large(small, stand_in("c-dapboot"), large_pages);
    expect_refusal(on_large, 3);

    const auto& large = target("bttskrminie3v2");
    auto small_pages = large.make_board();
    small_pages.chip = sim::stm32f103cb;
    small_pages.chip.size_register = 0xFFFF;  // which nobody asks
    Installation on_small(large, stand_in("c-dapboot"), small_pages);
    on_small.machine.power_on();
    on_small.machine.run_for(500 * millisecond);  // its LED sits on a debug pin: what counts is that nothing happens
    EXPECT_TRUE(
        std::ranges::equal(on_small.machine.flash().first(0x2000), std::span(on_small.first_flash).first(0x2000)));
}

TEST_F(RefusalTest, OfFlashThatIsNotThere) {
    const auto& on = target("bluepill-high-128");
    auto small = on.make_board();
    small.chip = sim::stm32f103c8;  // 64 KiB
    Installation board(on, stand_in("maple"), small);
    expect_refusal(board, 3);
    EXPECT_TRUE(board.recorder.operations.empty());
}

TEST_F(RefusalTest, OfFlashThatTakesNothingBeforeAnythingIsLost) {
    Installation board(target("bluepill"), stand_in("c-dapboot"));
    // The page that it measures pages on lies behind the installer.
    for (std::uint32_t page = 0x0800'2800; page < 0x0800'6000; page += 0x400)
        board.machine.stick_bits(page, 0x0100, Level::high);
    expect_refusal(board, 4);
}

TEST(InstallerChipTest, ThatShowsItsLockAsOpen) {
    const auto& on = target("bluepill");
    for (const char* const predecessor : {"c-dapboot", "maple"}) {  // locked, and open
        auto clone = on.make_board();
        clone.chip.shows_lock = false;
        clone.chip.stalls_while_busy = false;
        Installation board(on, stand_in(predecessor), clone);
        board.machine.power_on();
        EXPECT_TRUE(board.ends_in_new()) << predecessor;
    }
}

TEST(InstallerChipTest, WhoseFlashIsSlowAndWhoseWatchdogRuns) {
    const auto& on = target("bluepill");
    Installation board(on, stand_in("c-dapboot"));
    constexpr std::uint8_t hardware_watchdog = 0xFE;
    board.machine.set_option_bytes(std::array<std::uint8_t, 16>{0xA5, 0x5A, hardware_watchdog, 0x01, 0xFF, 0, 0xFF, 0,
                                                                0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0});
    board.machine.power_on();
    EXPECT_TRUE(board.ends_in_new());
    EXPECT_NE(board.machine.last_reset(), sim::ResetCause::independent_watchdog);
}

TEST(InstallerChipTest, WithADeadCellInTheNewPagesGoesOnTryingAndSaysSo) {
    const auto& on = target("bluepill");
    Installation board(on, stand_in("c-dapboot"));
    // A cell that the new bootloader has to change, and that stays as the old one has it.
    std::size_t at = 0x400;
    while (board.first_flash[at] == board.wanted[at])
        at += 2;
    const unsigned differ = board.first_flash[at] ^ board.wanted[at], cell = differ & (~differ + 1);
    board.machine.stick_bits(flash_base + static_cast<std::uint32_t>(at), static_cast<std::uint16_t>(cell),
                             (board.first_flash[at] & cell) != 0 ? Level::high : Level::low);
    board.machine.power_on();
    EXPECT_EQ(blinks(board.machine), 4U);
    EXPECT_FALSE(board.holds_new());
    // The chip starts the installer, whatever happens.
    bool started = false;
    board.machine.on_execute(board.entry, [&](sim::Time) { started = true; });
    board.machine.power_off();
    board.machine.power_on();
    EXPECT_TRUE(board.machine.run_until(board.machine.now() + 10 * millisecond, [&] { return started; }));
}

TEST(OwnBootloaderTest, OfAnotherVersionIsReplacedOverUsb) {
    // The bootloader without an LED plays an older version.
    const auto& old = target("stm32f103");
    const auto& next = target("bluepill");
    Bench bench(old, next.make_board());
    const auto image = flasher::load_image(test_paths::firmware("install-dapboot-bluepill.dfu"));
    bench.enter_dfu();
    bench.client().download(image.bytes);
    const auto wanted = flasher::load_image(next.elf()).bytes;
    ASSERT_TRUE(bench.machine.run_until(bench.machine.now() + 3000 * millisecond, [&] {
        return std::ranges::equal(bench.machine.flash().first(wanted.size()), wanted) && bench.machine.usb().attached();
    }));
    bench.host.advance(60 * millisecond);
    bench.enumerate();
    const Application application = make_application(next, 3000, 3);
    bench.client().download(application.bytes);
    EXPECT_TRUE(bench.boots(application));
}

TEST(OwnBootloaderTest, OfThisVersionIsLeftAlone) {
    const auto& on = target("bluepill");
    Installation board(on, {"our own", on.elf(), 0x0800'2000});
    board.machine.power_on();
    ASSERT_TRUE(board.ends_in_new());
    for (const auto& operation : board.recorder.operations)
        EXPECT_GE(operation.address, 0x0800'2000U);
    EXPECT_LE(board.recorder.operations.size(), 4U);  // it takes itself out
}

}  // namespace
}  // namespace installer_test
