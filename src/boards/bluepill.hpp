// SPDX-License-Identifier: ISC
// Blue Pill: STM32F103C8, LED on PC13 to VDD, BOOT1 jumper on PB2 through 100 kOhm, DP pulled up by a resistor.
#pragma once

#include "config/board.hpp"

namespace boards {

inline constexpr config::Board board = [] {
    using namespace config;
    Board b = bare_board;
    b.led = {.fitted = true, .pin = {Port::C, 13}, .lit = Level::low, .drive = Drive::open_drain};
    // 100 kOhm into the 5 pF of a pin and 20 pF of wiring settle within 13 us (five time constants).
    b.button = {.fitted = true,
                .pin = {Port::B, 2},
                .pressed = Level::high,
                .internal_pull = false,
                .settle = microseconds(50)};
    return b;
}();

}  // namespace boards
