// SPDX-License-Identifier: ISC
// Boards as tables of facts: what must not compile, one misuse a macro. Without any, all is right.
#include "config/board.hpp"

using namespace config;

inline constexpr Board right = [] {
    Board b = bare_board;
    b.led = {.fitted = true, .pin = {Port::C, 13}, .lit = Level::low, .drive = Drive::open_drain};
    b.button = {.fitted = true,
                .pin = {Port::B, 2},
                .pressed = Level::high,
                .internal_pull = false,
                .settle = microseconds(50)};
    return b;
}();

inline constexpr Board wrong = [] {
    Board b = bare_board;
#ifdef PIN_AS_LEVEL
    b.led.lit = Pin{Port::C, 13};
#endif
#ifdef LEVEL_AS_PIN
    b.led.pin = Level::low;
#endif
#ifdef LEVEL_AS_BOOL
    b.button.pressed = true;
#endif
#ifdef LEVEL_AS_DRIVE
    b.led.drive = Level::low;
#endif
#ifdef PORT_AS_NUMBER
    b.led.pin = {2, 13};
#endif
#ifdef SWAPPED
    b.led.pin = {13, Port::C};
#endif
    return b;
}();
