// SPDX-License-Identifier: ISC
// Reads what the boot decision depends on, on the internal oscillator, and leaves the chip as it was after reset.
#pragma once

#include "boot/decision.hpp"
#include "boot/double_reset.hpp"
#include "boot/watchdog.hpp"
#include "chip/rcc.hpp"
#include "drivers/backup.hpp"
#include "drivers/clock.hpp"
#include "drivers/pin.hpp"
#include "drivers/timer.hpp"

namespace boot {

template <config::Button button>
[[gnu::noinline]] bool pressed() {
    if constexpr (!button.fitted) return false;
    if constexpr (button.internal_pull) {
        drivers::write(button.pin, drivers::opposite(button.pressed));
        drivers::change_mode(button.pin, chip::PinMode::input_floating, chip::PinMode::input_pull);
    }
    drivers::wait_cycles(button.settle.count / (72'000'000 / drivers::reset_clock));
    const bool is_pressed = drivers::read(button.pin) == button.pressed;
    if constexpr (button.internal_pull) {
        drivers::change_mode(button.pin, chip::PinMode::input_pull, chip::PinMode::input_floating);
        drivers::write(button.pin, config::Level::low);  // ODR as after reset
    }
    return is_pressed;
}

template <config::Button button, config::BootCommand command, config::Options options>
Inputs read_inputs(bool application_is_whole) {
    using namespace chip;
    rcc->APB1ENR.write(drivers::backup_clocks);
    if constexpr (button.fitted) {
        rcc->APB2ENR.write(rcc_apb2enr::IOPxEN(static_cast<unsigned>(button.pin.port)));
    }
    const Inputs inputs{
        .button_pressed = pressed<button>(),
        .commanded = drivers::take(command) ||
                     (options.maple_commands && (drivers::take({10, 0x424C}) || drivers::take({10, 1}))),
        .hung = application_hung<options.watchdog_seconds>(),
        .reset_twice = reset_twice<options.double_reset>(),
        .application_is_whole = application_is_whole,
    };
    rcc->APB1ENR.write(rcc_apb1enr::none);
    if constexpr (button.fitted) rcc->APB2ENR.write(rcc_apb2enr::none);
    return inputs;
}

}  // namespace boot
