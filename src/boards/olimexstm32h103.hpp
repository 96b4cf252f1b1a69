// SPDX-License-Identifier: ISC
// Olimex STM32-H103: STM32F103RB, LED on PC12 to VDD, button on PA0 to ground with a resistor and a capacitor, DP
// pulled up through a transistor on PC11.
#pragma once

#include "config/board.hpp"

namespace boards {

inline constexpr config::Board board = [] {
    using namespace config;
    Board b = bare_board;
    b.led = {.fitted = true, .pin = {Port::C, 12}, .lit = Level::low, .drive = Drive::open_drain};
    b.button = {.fitted = true, .pin = {Port::A, 0}, .pressed = Level::low, .internal_pull = false};
    b.usb_pullup = {.switched = true, .pin = {Port::C, 11}, .connected = Level::low, .drive = Drive::open_drain};
    b.memory.flash_size = 0;  // asked from the chip
    return b;
}();

}  // namespace boards
