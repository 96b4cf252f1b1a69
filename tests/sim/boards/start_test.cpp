// SPDX-License-Identifier: ISC
// How each board starts: what it shows, by which ways it comes to DFU, and what it leaves alone.
#include <array>

#include <gtest/gtest.h>

#include "flasher/device_info.hpp"
#include "sim/usb/bus_timing.hpp"
#include "tests/sim/boards/built_target.hpp"

namespace sim::test {
namespace {

constexpr Pin swdio{'A', 13}, swclk{'A', 14}, usb_dp{'A', 12};

class BoardStart : public testing::TestWithParam<BuiltTarget> {
  protected:
    const BuiltTarget& built = GetParam();
    Bench bench{built.target, built.board()};
    Application application = make_application(built.target, 3'000, 7);

    /// The LED of a board that has one says which of the two runs.
    void expect_led(bool lit) {
        if (bench.board.wiring.has_led) {
            EXPECT_EQ(bench.machine.led_lit(), lit);
        }
    }
};
class BoardButton : public BoardStart {};
class BoardKey : public BoardStart {};

TEST_P(BoardStart, WithoutApplicationItIsADfuDevice) {
    bench.machine.power_on();
    bench.enumerate();
    expect_led(true);
    const auto info = flasher::read_device_info(*bench.transport);
    EXPECT_EQ(info.device.idVendor, 0x1209);
    EXPECT_EQ(info.device.idProduct, 0xDB42);
    EXPECT_EQ(info.manufacturer, "Devanarchy");
    EXPECT_EQ(info.product, built.target.high_memory ? "DAPBoot High-Memory DFU Bootloader" : "DAPBoot DFU Bootloader");

    const auto& settings = info.configuration.interfaces;
    ASSERT_EQ(settings.size(), built.alternate + 1);
    for (unsigned i = 0; i <= built.alternate; ++i) {
        EXPECT_EQ(settings[i].bInterfaceNumber, 0);
        EXPECT_EQ(settings[i].bAlternateSetting, i);
    }
    EXPECT_TRUE(settings.back().is_dfu_mode());
    const auto& functional = settings.back().functional;
    EXPECT_EQ(functional.value_or(flasher::DfuFunctional{}).attributes,
              (flasher::DfuAttributes{.can_download = true,
                                      .can_upload = true,
                                      .manifestation_tolerant = !built.will_detach,
                                      .will_detach = built.will_detach}));
    EXPECT_EQ(info.interface_names.back(), "DAPBoot DFU");
    EXPECT_EQ(bench.machine.counters().complaints, 0U);
}

/// A first installation over a serial line may end so (stm32flash -g). The loader's PLL runs then, and drives the core.
TEST_P(BoardStart, TheRomsGoStartsIt) {
    auto& machine = bench.machine;
    machine.set_boot0(Level::high);
    machine.power_on();
    const auto base = built.target.bootloader();
    const std::array address{static_cast<std::uint8_t>(base >> 24), static_cast<std::uint8_t>(base >> 16),
                             static_cast<std::uint8_t>(base >> 8), static_cast<std::uint8_t>(base)};
    std::vector<std::uint8_t> said{0x7f, 0x21, 0xde};
    said.insert(said.end(), address.begin(), address.end());
    said.push_back(static_cast<std::uint8_t>(address[0] ^ address[1] ^ address[2] ^ address[3]));
    for (const auto byte : said)
        machine.receive_serial(byte, 115'200);
    machine.run_for(20 * millisecond);
    ASSERT_FALSE(machine.in_system_loader());
    bench.enumerate();
    EXPECT_EQ(machine.hclk_hz(), 72'000'000U);
    bench.client().download(application.bytes);
    EXPECT_EQ(machine.counters().complaints, 0U);
}

TEST_P(BoardStart, ItRunsAt72MegahertzFromItsCrystalAndUsbAt48) {
    bench.enter_dfu();
    EXPECT_EQ(bench.machine.hclk_hz(), 72'000'000U);
    std::uint32_t cfgr = 0;
    ASSERT_TRUE(bench.machine.probe_read(0x4002'1004, 4, cfgr));  // RCC_CFGR (RM0008 section 7.3.2)
    EXPECT_EQ(cfgr >> 16 & 1, 1U) << "PLLSRC: the crystal";
    EXPECT_EQ((cfgr >> 18 & 0xF) + 2, 9U) << "PLLMUL, of 8 MHz";
    EXPECT_EQ(cfgr >> 22 & 1, 0U) << "USBPRE: 72 MHz by 1.5";
    EXPECT_EQ(cfgr >> 8 & 7, 4U) << "PPRE1: 36 MHz";
}

TEST_P(BoardStart, WithApplicationItRunsIt) {
    bench.install(application);
    EXPECT_EQ(bench.power_cycle(), Fate::application);
    EXPECT_TRUE(bench.running(application));
    expect_led(false);
    EXPECT_EQ(bench.machine.counters().flash_operations, 0U);
}

TEST_P(BoardStart, ItsBackupRegisterAsksForDfuOnce) {
    bench.install(application);
    bench.enter_dfu();
    expect_led(true);
    EXPECT_EQ(bench.machine.backup_register(built.target.command_register), 0);
    bench.machine.reset();
    EXPECT_EQ(bench.watch_start(), Fate::application);
}

TEST_P(BoardStart, NoOtherBackupRegisterDoes) {
    bench.install(application);
    bench.machine.power_on();
    for (int number = 1; number <= 10; ++number)
        if (number != built.target.command_register) bench.machine.set_backup_register(number, built.target.command);
    bench.machine.set_backup_register(built.target.command_register,
                                      static_cast<std::uint16_t>(built.target.command ^ 0x0100));
    bench.machine.reset();
    EXPECT_EQ(bench.watch_start(), Fate::application);
}

/// The pull-up on DP: where a transistor switches it, it is off until DFU begins, and off again in
/// the application. Where it is soldered, DP is held low so that a host sees the device leave.
TEST_P(BoardStart, TheHostSeesItComeAndGo) {
    const auto& pull_up = bench.board.wiring.usb_pull_up;
    const bool switched = pull_up.kind == UsbPullUp::Kind::switched;
    const Pin pin = switched ? pull_up.pin : usb_dp;

    bench.start_dfu();
    bench.machine.run_for(10 * microsecond);  // the transistor's base has been charged
    EXPECT_EQ(bench.machine.usb().attached(), !switched);
    ASSERT_TRUE(bench.host.wait_for_attach(500 * millisecond));
    if (switched) {
        EXPECT_EQ(bench.machine.pin_level(pin), pull_up.on);
    }
    bench.enumerate();

    Time away{};
    Time left_at = never;
    bench.machine.on_pin_change(pin, [&](Time at, Level level) {
        const bool off = switched ? level != pull_up.on : level == Level::low;
        if (off) left_at = at;
        if (!off && left_at != never) away = std::max(away, at - left_at);
    });
    auto client = bench.client();
    client.download(application.bytes);
    if (!built.will_detach) client.leave();
    for (int tenths = 0; tenths < 4'000 && left_at == never; ++tenths)
        bench.host.advance(100 * microsecond);
    ASSERT_NE(left_at, never);
    // A hub takes 2.5 us of silence for a disconnect (TDDIS), and is not asked more often than once in a millisecond.
    // Until then the chip does not start over: its pins are let go there, and where the pull-up is soldered the device
    // is back.
    bench.host.advance(millisecond);
    EXPECT_FALSE(bench.running(application));
    bench.host.advance(100 * millisecond);
    bench.machine.on_pin_change(pin, {});
    EXPECT_TRUE(bench.running(application));
    EXPECT_EQ(bench.machine.usb().attached(), !switched);
    if (!switched) {
        EXPECT_GE(away, millisecond);
    }
}

/// Only boards that need its pins switch the debug port off; PA14 then is not pulled low any more.
TEST_P(BoardStart, TheDebugPortStaysOnWhereItCan) {
    bench.start_dfu();
    ASSERT_TRUE(bench.host.wait_for_attach(500 * millisecond));
    if (built.swj_off) {
        EXPECT_TRUE(bench.machine.led_lit());  // PA13 obeys the port, not the debugger
        return;
    }
    bench.machine.drive_pin(swclk, Level::high);
    bench.machine.drive_pin(swclk, std::nullopt);
    bench.machine.drive_pin(swdio, Level::low);
    bench.machine.drive_pin(swdio, std::nullopt);
    bench.host.advance(10 * millisecond);
    EXPECT_EQ(bench.machine.pin_level(swclk), Level::low);
    EXPECT_EQ(bench.machine.pin_level(swdio), Level::high);
}

TEST_P(BoardButton, HeldItIsTheWayToDfu) {
    bench.install(application);
    bench.machine.press_button(true);
    bench.machine.power_on();
    EXPECT_EQ(bench.watch_start(), Fate::bootloader);
    expect_led(true);
    bench.enumerate();

    bench.machine.press_button(false);
    bench.machine.reset();
    EXPECT_EQ(bench.watch_start(), Fate::application);
    bench.machine.press_button(true);
    bench.machine.reset();
    EXPECT_EQ(bench.watch_start(), Fate::bootloader);
}

/// A key with a capacitor still looks pressed when it has just been let go.
TEST_P(BoardKey, ItIsBelievedOnlyOnceItHasSettled) {
    Bench slow(built.target, built.board_with_slow_key());
    slow.install(application);
    slow.machine.power_on();
    slow.machine.press_button(true);
    slow.machine.run_for(100 * millisecond);
    slow.machine.press_button(false);
    ASSERT_EQ(slow.machine.pin_level(slow.board.wiring.button.pin), built.board().wiring.button.pressed);
    slow.machine.reset();
    EXPECT_EQ(slow.watch_start(), Fate::application);
}

INSTANTIATE_TEST_SUITE_P(Board, BoardStart, testing::ValuesIn(built_targets()), name_of);
INSTANTIATE_TEST_SUITE_P(Board, BoardButton, testing::ValuesIn(built_targets_where([](const BuiltTarget& built) {
                             return built.board().wiring.has_button;
                         })),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Board, BoardKey,
                         testing::ValuesIn(built_targets_where([](const BuiltTarget& built) { return built.key; })),
                         name_of);

}  // namespace
}  // namespace sim::test
