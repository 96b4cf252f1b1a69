// SPDX-License-Identifier: ISC
// Brings the chip to where the installer's times hold and nothing disturbs it, whatever a bootloader has left running:
// the internal oscillator, no USB, no window watchdog.
#pragma once

#include "chip/core.hpp"
#include "chip/rcc.hpp"
#include "chip/systick.hpp"
#include "installer/vectors.hpp"

namespace installer {

/** Interrupts are off already. The flash needs the internal oscillator for an erase (PM0075 section 2.1). */
inline void quiet_the_chip() {
    using namespace chip;
    scb->VTOR = reinterpret_cast<std::uint32_t>(installer_vectors);
    systick->CTRL.write(systick_ctrl::none);
    rcc->CR.set(rcc_cr::HSION);
    while (!rcc->CR.any(rcc_cr::HSIRDY)) {  // bounded: 2 us (datasheet)
    }
    rcc->CFGR.clear(rcc_cfgr::SW);
    while (rcc->CFGR.any(rcc_cfgr::SWS)) {  // bounded: a few cycles of both clocks
    }
    rcc->CR.write(rcc_cr::HSION | rcc_cr::HSITRIM_reset);
    rcc->CFGR.write(rcc_cfgr::reset);  // now that the PLL, whose factor is in it, is off
    rcc->APB1RSTR.write(rcc_apb1rstr::USBRST | rcc_apb1rstr::WWDGRST);
    rcc->APB1RSTR.write(rcc_apb1rstr::none);
    rcc->APB1ENR.write(rcc_apb1enr::none);
}

}  // namespace installer
