// SPDX-License-Identifier: ISC
// One pin of a GPIO port. The port's clock must be on.
#pragma once

#include "chip/gpio.hpp"
#include "config/board.hpp"

namespace drivers {

inline void set_mode(config::Pin pin, chip::PinMode mode) {
    auto& cr = chip::gpio(static_cast<unsigned>(pin.port))->CR[pin.number / 8];
    const unsigned shift = pin.number % 8 * 4;
    cr = (cr & ~(0xFu << shift)) | static_cast<std::uint32_t>(mode) << shift;
}

/** The same for a pin whose mode is known, which is shorter. */
inline void change_mode(config::Pin pin, chip::PinMode from, chip::PinMode to) {
    auto& cr = chip::gpio(static_cast<unsigned>(pin.port))->CR[pin.number / 8];
    cr = cr ^ (static_cast<std::uint32_t>(from) ^ static_cast<std::uint32_t>(to)) << pin.number % 8 * 4;
}

/** Sets the output, or the direction of the pull of an `input_pull`. */
inline void write(config::Pin pin, config::Level level) {
    auto* port = chip::gpio(static_cast<unsigned>(pin.port));
    (level == config::Level::high ? port->BSRR : port->BRR) = 1u << pin.number;
}

/** Turns the output over, or sets it to a level. */
inline void toggle_or_write(config::Pin pin, bool toggles, config::Level level) {
    auto* port = chip::gpio(static_cast<unsigned>(pin.port));
    const std::uint32_t mask = 1u << pin.number, now = port->ODR;
    port->ODR = toggles ? now ^ mask : level == config::Level::high ? now | mask : now & ~mask;
}

inline config::Level read(config::Pin pin) {
    const auto* port = chip::gpio(static_cast<unsigned>(pin.port));
    return (port->IDR >> pin.number & 1u) != 0 ? config::Level::high : config::Level::low;
}

constexpr chip::PinMode output(config::Drive drive) {
    return drive == config::Drive::open_drain ? chip::PinMode::output_open_drain_2MHz
                                              : chip::PinMode::output_push_pull_2MHz;
}

constexpr config::Level opposite(config::Level level) {
    return level == config::Level::high ? config::Level::low : config::Level::high;
}

}  // namespace drivers
