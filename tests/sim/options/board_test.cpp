// SPDX-License-Identifier: ISC
// LED, button and pull-up: what DEFS says is fitted, where, and which way round.
#include "tests/sim/options/option_build.hpp"

namespace sim::test {
namespace {

class BoardOptions : public OptionsTest {
  protected:
    static constexpr Pin own_led{'C', 13};

    /// Press before reset, and after letting go: DFU and application.
    void expect_button_decides() {
        bench->install(application);
        bench->machine.power_on();
        bench->machine.press_button(true);
        bench->machine.run_for(100 * millisecond);
        bench->machine.reset();
        EXPECT_EQ(bench->watch_start(), Fate::bootloader);
        bench->machine.press_button(false);
        bench->machine.reset();
        EXPECT_EQ(bench->watch_start(), Fate::application);
    }

    /// Time from reset to the application.
    double start_seconds() {
        bench->install(application);
        bench->machine.power_on();
        bench->machine.run_for(100 * millisecond);
        Time started = never;
        bench->machine.on_execute(application.reset, [&](Time at) {
            if (started == never) started = at;
        });
        bench->machine.reset();
        const Time begin = bench->machine.now();
        bench->machine.run_for(100 * millisecond);
        EXPECT_NE(started, never);
        return seconds(started - begin);
    }

    static Board with_led(const std::string& id, Pin pin, Level lit) {
        Board board = board_named(id);
        board.wiring.has_led = true;
        board.wiring.led = pin;
        board.wiring.led_lit = lit;
        return board;
    }
    static Board with_pull_up(Pin pin, Level on, bool needs_push_pull) {
        Board board = board_named("bluepill");
        board.wiring.usb_pull_up = {
            .kind = UsbPullUp::Kind::switched, .pin = pin, .on = on, .needs_push_pull = needs_push_pull};
        return board;
    }
    /// A host finds it, and sees it go with the application.
    void expect_pull_up_obeys() {
        bench->start_dfu();
        bench->machine.run_for(10 * microsecond);
        EXPECT_FALSE(bench->machine.usb().attached());
        bench->enumerate();
        expect_update_works();
        EXPECT_FALSE(bench->machine.usb().attached());
    }
};

TEST_F(BoardOptions, WithoutLedItsPinIsLeftAlone) {
    use("led-none").enter_dfu();
    EXPECT_FALSE(bench->machine.led_lit());
    bench->machine.drive_pin(own_led, Level::low);
    bench->machine.drive_pin(own_led, Level::high);  // nobody drives against either
    EXPECT_EQ(bench->machine.counters().complaints, 0U);
    expect_update_works();
}

TEST_F(BoardOptions, TheLedCanBeElsewhereAndOnGround) {
    use("led-moved", with_led("bluepill", {'B', 12}, Level::high)).enter_dfu();
    EXPECT_TRUE(bench->machine.led_lit());
    EXPECT_EQ(bench->machine.pin_level({'B', 12}), Level::high);
}

TEST_F(BoardOptions, ALedCanBeAddedOpenDrain) {
    const Pin pin{'A', 1};
    use("led-added", with_led("stm32f103", pin, Level::low)).enter_dfu();
    EXPECT_TRUE(bench->machine.led_lit());
    EXPECT_EQ(bench->machine.pin_level(pin), Level::low);
}

TEST_F(BoardOptions, WithoutButtonItsPinDecidesNothing) {
    use("button-none").install(application);
    bench->machine.press_button(true);
    EXPECT_EQ(bench->power_cycle(), Fate::application);
}

TEST_F(BoardOptions, TheButtonCanBePressedLow) {
    Board board = board_named("bluepill");
    board.wiring.button.pressed = Level::low;
    use("button-low", board);
    expect_button_decides();
}

TEST_F(BoardOptions, AButtonCanBeAddedWithTheChipsPull) {
    Board board = board_named("stm32f103");
    board.wiring.has_button = true;
    board.wiring.button = {.pin = {'A', 8}, .pressed = Level::low, .drives_when_released = false, .ohms = 0};
    use("button-added", board);
    expect_button_decides();
}

/// With nothing else on the pin, what was there last stays there.
TEST_F(BoardOptions, WithoutTheChipsPullALooseButtonStaysPressed) {
    use("button-no-pull", board_named("bluepillplusstm32")).install(application);
    bench->machine.power_on();
    bench->machine.press_button(true);
    bench->machine.press_button(false);
    bench->machine.reset();
    EXPECT_EQ(bench->watch_start(), Fate::bootloader);

    Board board = board_named("bluepillplusstm32");
    board.wiring.pulls.push_back({.pin = board.wiring.button.pin, .to = Level::low, .ohms = 10'000, .farads = 0});
    use("button-no-pull", board);
    expect_button_decides();
}

TEST_F(BoardOptions, TheButtonsDelayIsTwentyMilliseconds) {
    use("button-delay");
    const double time = start_seconds();
    EXPECT_GE(time, 20e-3);
    EXPECT_LE(time, 20.05e-3);
}

TEST_F(BoardOptions, AShortDelayBelievesAKeyThatStillBounces) {
    Board board = board_named("bluepillplusstm32");
    board.wiring.pulls.push_back({.pin = board.wiring.button.pin, .to = Level::low, .ohms = 1e9, .farads = 1e-7});
    use("button-impatient", board).install(application);
    bench->machine.power_on();
    bench->machine.press_button(true);
    bench->machine.press_button(false);
    bench->machine.reset();
    EXPECT_EQ(bench->watch_start(), Fate::bootloader);
    EXPECT_LE(start_seconds(), 100e-6);
}

TEST_F(BoardOptions, ThePullUpCanBeFedByAPin) {
    use("pullup-push", with_pull_up({'A', 10}, Level::high, true));
    expect_pull_up_obeys();
}

TEST_F(BoardOptions, ThePullUpCanHangOnATransistor) {
    use("pullup-open-drain", with_pull_up({'B', 9}, Level::low, false));
    expect_pull_up_obeys();
}

TEST_F(BoardOptions, ThePullUpCanBeSolderedWhereItWasSwitched) {
    Board board = board_named("maplemini");
    board.wiring.usb_pull_up = {};
    use("pullup-fixed", board).start_dfu();
    EXPECT_TRUE(bench->machine.usb().attached());
    bool left = false;
    bench->machine.on_pin_change({'A', 12}, [&](Time, Level level) { left |= level == Level::low; });
    bench->enumerate();
    EXPECT_TRUE(left);
    expect_update_works();
}

}  // namespace
}  // namespace sim::test
