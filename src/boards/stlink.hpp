// SPDX-License-Identifier: ISC
// ST-Link/V2 clone: STM32F103C8, LED on PA9, no button, DP pulled up by a resistor.
#pragma once

#include "config/board.hpp"

namespace boards {

inline constexpr config::Board board = [] {
    using namespace config;
    Board b = bare_board;
    b.led = {.fitted = true, .pin = {Port::A, 9}, .lit = Level::high, .drive = Drive::push_pull};
    return b;
}();

}  // namespace boards
