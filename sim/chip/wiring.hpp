// SPDX-License-Identifier: ISC
// What a board adds to the chip, as data: crystal, LED, button, resistors, the USB pull-up. The machine reads these
// facts; which boards exist is another file's matter.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/time.hpp"

namespace sim {

/// Voltage on a wire, as a Schmitt trigger sees it.
enum class Level : std::uint8_t { low, high };

constexpr Level operator!(Level level) {
    return level == Level::low ? Level::high : Level::low;
}

/// A pin of the chip. Ports A to G.
struct Pin {
    char port = 'A';
    std::uint8_t number = 0;  ///< 0 to 15.

    friend constexpr auto operator<=>(const Pin&, const Pin&) = default;
};

/// A resistor from a pin to a rail. It loses against any driver, and wins against the chip's
/// internal pulls (30 to 50 kOhm, RM0008 9.1 and the datasheet's I/O table).
struct PullResistor {
    Pin pin;
    Level to = Level::low;
    double ohms = 10'000;
    double farads = 0;  ///< A capacitor beside it: the level settles only after three times R*C.
};

/// A push button or a jumper.
struct Button {
    Pin pin;
    Level pressed = Level::high;
    bool drives_when_released = false;  ///< A two-way jumper (BOOT1): the other level, firmly.
    double ohms = 0;                    ///< In series, for example the 100 kOhm at BOOT1.
};

/// How the 1.5 kOhm pull-up reaches DP.
struct UsbPullUp {
    enum class Kind : std::uint8_t {
        none,      ///< Never attached.
        fixed,     ///< A resistor on PA12: attached unless PA12 is driven low as a GPIO.
        switched,  ///< A transistor or the pin itself feeds the resistor while `pin` is at `on`.
    };
    Kind kind = Kind::fixed;
    Pin pin = {};                  ///< Of `switched` only.
    Level on = Level::high;        ///< Of `switched` only.
    bool needs_push_pull = false;  ///< Of `switched`: only an output of the chip can feed it.
};

/// A board's facts. The default is a bare chip with an 8 MHz crystal and a fixed USB pull-up.
struct BoardWiring {
    std::string name = "bare";
    std::uint32_t hse_hz = 8'000'000;  ///< 0: no crystal fitted, HSERDY never comes.
    /// Start-up of the crystal: 2 ms typically (DS5319 table 21), 10 to 100 ms in the field; never: it does not start.
    Time hse_start{2'000'000'000};
    bool hse_is_clock = false;  ///< A clock signal and no crystal: HSEBYP is right then, and only then.
    std::uint32_t lse_hz = 0;   ///< 0: no watch crystal.
    bool has_led = false;
    Pin led = {'C', 13};
    Level led_lit = Level::low;
    bool has_button = false;
    Button button;
    std::vector<PullResistor> pulls;
    UsbPullUp usb_pull_up;
    bool swo_probe = false;  ///< A probe reads TRACESWO, and has switched ITM on as OpenOCD does.
    bool vbat = false;       ///< A battery keeps the backup registers when the power goes.
};

}  // namespace sim
