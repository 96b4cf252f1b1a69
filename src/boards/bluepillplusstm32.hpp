// SPDX-License-Identifier: ISC
// WeAct Blue Pill Plus with an STM32F103CB: LED on PB2 to ground, key on PA0 to VDD, DP pulled up by a resistor.
#pragma once

#include "config/board.hpp"

namespace boards {

inline constexpr config::Board board = [] {
    using namespace config;
    Board b = bare_board;
    b.led = {.fitted = true, .pin = {Port::B, 2}, .lit = Level::high, .drive = Drive::push_pull};
    b.button = {.fitted = true, .pin = {Port::A, 0}, .pressed = Level::high, .internal_pull = true};
    return b;
}();

}  // namespace boards
