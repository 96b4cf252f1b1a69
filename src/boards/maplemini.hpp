// SPDX-License-Identifier: ISC
// Maple Mini: STM32F103CB, LED on PB1 to ground, DP pulled up through a transistor on PB9.
#pragma once

#include "config/board.hpp"

namespace boards {

inline constexpr config::Board board = [] {
    using namespace config;
    Board b = bare_board;
    b.led = {.fitted = true, .pin = {Port::B, 1}, .lit = Level::high, .drive = Drive::push_pull};
    b.usb_pullup = {.switched = true, .pin = {Port::B, 9}, .connected = Level::low, .drive = Drive::open_drain};
    b.memory.flash_size = 0;  // asked from the chip
    return b;
}();

}  // namespace boards
