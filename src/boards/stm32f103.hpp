// SPDX-License-Identifier: ISC
// Any STM32F103 of which nothing else is known: no LED, no button, DP pulled up by a resistor.
#pragma once

#include "config/board.hpp"

namespace boards {

inline constexpr config::Board board = [] {
    using namespace config;
    Board b = bare_board;
    b.memory.ram_size = 96_KiB;  // the most that an STM32F103 has
    return b;
}();

}  // namespace boards
