// SPDX-License-Identifier: ISC
// 72 MHz from the crystal, or 48 MHz from the internal oscillator where there is none; 48 MHz for USB either way.
#pragma once

#include "chip/flash.hpp"
#include "chip/rcc.hpp"
#include "config/board.hpp"

namespace drivers {

inline constexpr std::uint32_t reset_clock = 8'000'000;    ///< Hz; HSI, as after reset
inline constexpr std::uint32_t system_clock = 72'000'000;  ///< Hz; the most that there is after start_clock

/**
 * From any state of the clocks: the chip's loader leaves its PLL on for what its Go command starts (AN2606), and a PLL
 * that runs takes no other factor. The core may still run on HSI afterwards, for the 200 us that the PLL needs to lock.
 */
template <config::Clock clock>
void start_clock() {
    using namespace chip;
    constexpr bool has_crystal = clock.hse_frequency != 0;
    rcc->CFGR.clear(rcc_cfgr::SW);  // HSI drives, so that the PLL can go off
    flash->ACR.write(flash_acr::PRFTBE | flash_acr::LATENCY_2);
    rcc->CR.write(rcc_cr::HSION | rcc_cr::HSITRIM_reset | (has_crystal ? rcc_cr::HSEON : rcc_cr::none));

    // HSI reaches the PLL halved (RM0008 section 7.2.2), so 48 MHz are the next below 72 that USB can use. Its
    // tolerance is outside of USB's 0.25 %, but it usually works.
    auto cfgr = rcc_cfgr::PPRE1_div2 | rcc_cfgr::USBPRE_div1 | rcc_cfgr::PLLMUL(48'000'000 / (reset_clock / 2));
    if constexpr (has_crystal) {
        constexpr auto halved = clock.hse_frequency == 16'000'000;
        constexpr auto pll_input = halved ? clock.hse_frequency / 2 : clock.hse_frequency;
        constexpr auto from_crystal = rcc_cfgr::PPRE1_div2 | rcc_cfgr::PLLSRC_HSE |
                                      rcc_cfgr::PLLMUL(system_clock / pll_input) |
                                      (halved ? rcc_cfgr::PLLXTPRE : decltype(cfgr){0});
        // A crystal starts in 2 ms (datasheet, typical), a slow one in tens; one that is not there must not keep the
        // user out. ST's own code waits 100 ms. Each turn takes 8 cycles of 8 MHz or more: 131 ms.
        for (unsigned turns = 131'072; turns != 0; --turns) {
            if (rcc->CR.any(rcc_cr::HSERDY)) {
                cfgr = from_crystal;
                break;
            }
        }
    }
    rcc->CFGR.write(cfgr);
    rcc->CR.set(rcc_cr::PLLON);
    rcc->CFGR.write(cfgr | rcc_cfgr::SW_PLL);  // obeyed as soon as the PLL has locked (RM0008 section 7.2.6)
}

}  // namespace drivers
