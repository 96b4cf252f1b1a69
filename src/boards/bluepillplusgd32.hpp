// SPDX-License-Identifier: ISC
// WeAct Blue Pill Plus with a GD32F303CC: as its STM32 sister, with pages of 2 KiB and 48 KiB of RAM.
#pragma once

#include "config/board.hpp"

namespace boards {

inline constexpr config::Board board = [] {
    using namespace config;
    Board b = bare_board;
    b.led = {.fitted = true, .pin = {Port::B, 2}, .lit = Level::high, .drive = Drive::push_pull};
    b.button = {.fitted = true, .pin = {Port::A, 0}, .pressed = Level::high, .internal_pull = true};
    b.memory.flash_page = 2_KiB;
    b.memory.ram_size = 48_KiB;
    return b;
}();

}  // namespace boards
