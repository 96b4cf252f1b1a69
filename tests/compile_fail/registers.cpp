// SPDX-License-Identifier: ISC
// Registers: what must not compile, one misuse a macro. Without any, all of it is right.
#include "chip/flash.hpp"
#include "chip/rcc.hpp"
#include "drivers/pin.hpp"

void right() {
    chip::rcc->CR.set(chip::rcc_cr::HSEON | chip::rcc_cr::PLLON);
    chip::flash->CR.write(chip::flash_cr::PG);
    drivers::write({config::Port::C, 13}, config::Level::high);
}

void wrong() {
#ifdef BIT_OF_ANOTHER_REGISTER
    chip::flash->CR.write(chip::rcc_cr::HSEON);
#endif
#ifdef BITS_OF_TWO_REGISTERS
    chip::rcc->CR.set(chip::rcc_cr::HSEON | chip::rcc_cfgr::SW_PLL);
#endif
#ifdef BARE_NUMBER
    chip::rcc->CR.set(1u << 16);
#endif
#ifdef ANOTHER_REGISTERS_QUESTION
    if (chip::flash->SR.any(chip::rcc_cr::HSERDY)) return;
#endif
#ifdef PIN_AS_LEVEL
    drivers::write({config::Port::C, 13}, config::Pin{config::Port::B, 2});
#endif
#ifdef LEVEL_AS_BOOL
    drivers::write({config::Port::C, 13}, true);
#endif
#ifdef NUMBER_AS_MODE
    drivers::set_mode({config::Port::C, 13}, 4);
#endif
}
