// SPDX-License-Identifier: ISC
// What the user sees: the LED is lit while the installer works, and counts when it refuses to.
#pragma once

#include <cstdint>

#include "chip/core.hpp"
#include "chip/iwdg.hpp"
#include "chip/rcc.hpp"
#include "config/layout.hpp"
#include "drivers/clock.hpp"
#include "drivers/pin.hpp"
#include "drivers/timer.hpp"

namespace installer {

using config::board;

/** Why nothing is installed, as the number of times that the LED lights up before it pauses. */
enum class Refusal : std::uint8_t {
    none = 0,
    is_protected = 2,  ///< flash is protected from being written, or from being read, which implies it for pages 0 to 3
    does_not_fit = 3,  ///< pages of another size than the bootloader was built for, or less flash
    flash_fails = 4,   ///< flash does not take what is written
};

inline void light(bool on) {
    if constexpr (board.led.fitted) {
        drivers::write(board.led.pin, on ? board.led.lit : drivers::opposite(board.led.lit));
    }
}

/** The LED's port obeys from here on, and the LED is lit. */
inline void start_sign() {
    using namespace chip;
    if constexpr (board.led.fitted) {
        auto clocks = rcc_apb2enr::IOPxEN(static_cast<unsigned>(board.led.pin.port));
        if constexpr (board.swd_pins_in_use) clocks = clocks | rcc_apb2enr::AFIOEN;
        rcc->APB2ENR.write(clocks);
        if constexpr (board.swd_pins_in_use) afio->MAPR.write(afio_mapr::SWJ_off);
        light(true);
        drivers::set_mode(board.led.pin, drivers::output(board.led.drive));
    }
}

inline void wait_with_watchdog(std::uint32_t milliseconds) {
    for (; milliseconds >= 20; milliseconds -= 20) {
        drivers::wait_cycles(drivers::reset_clock / 1000 * 20);
        chip::feed_watchdog();
    }
}

/** Says why, again and again, until the reset button is pressed. */
[[noreturn, gnu::noinline]] inline void refuse(Refusal why) {
    for (;;) {
        for (unsigned count = static_cast<unsigned>(why); count != 0; --count) {
            light(true);
            wait_with_watchdog(160);
            light(false);
            wait_with_watchdog(240);
        }
        wait_with_watchdog(1200);
    }
}

}  // namespace installer
