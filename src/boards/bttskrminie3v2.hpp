// SPDX-License-Identifier: ISC
// BigTreeTech SKR Mini E3 V2: STM32F103RC, LED on PA13, encoder key on PA15 to ground, DP pulled up through a
// transistor on PA14. PA13 to PA15 are debug pins, so the debug port is switched off. Marlin, its usual application,
// asks for the bootloader with 1 in backup register 10, and reaches DFU on alternate setting 2.
#pragma once

#include "config/board.hpp"

namespace boards {

inline constexpr config::Board board = [] {
    using namespace config;
    Board b = bare_board;
    b.led = {.fitted = true, .pin = {Port::A, 13}, .lit = Level::high, .drive = Drive::push_pull};
    b.button = {.fitted = true, .pin = {Port::A, 15}, .pressed = Level::low, .internal_pull = true};
    b.usb_pullup = {.switched = true, .pin = {Port::A, 14}, .connected = Level::low, .drive = Drive::open_drain};
    b.memory = {.flash_page = 2_KiB, .flash_size = 256_KiB, .flash_limit = 256_KiB, .ram_size = 48_KiB};
    b.dfu.will_detach = false;
    b.dfu.alternate = 2;
    b.command = {.backup_register = 10, .word = 1};
    return b;
}();

}  // namespace boards
