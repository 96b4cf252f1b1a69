// SPDX-License-Identifier: ISC
// A watchdog over the application: one that hangs, also right at its start, returns to DFU and can be replaced.
//
// The independent watchdog cannot be stopped, so the application has to feed it (chip/iwdg.hpp).
#pragma once

#include "chip/iwdg.hpp"
#include "chip/rcc.hpp"

namespace boot {

/** Whether the watchdog has reset the chip; forgets all causes of reset, so that the next one counts anew. */
template <unsigned seconds>
bool application_hung() {
    if constexpr (seconds != 0) {
        using namespace chip;
        if (rcc->CSR.any(rcc_csr::IWDGRSTF)) {
            rcc->CSR.set(rcc_csr::RMVF);
            return true;
        }
    }
    return false;
}

/** Starts the watchdog (RM0008 section 19.3). Its clock is 30 to 60 kHz, 40 typically (datasheet). */
template <unsigned seconds>
void start_watchdog() {
    if constexpr (seconds != 0) {
        using namespace chip;
        iwdg->KR = iwdg_kr::start;
        iwdg->KR = iwdg_kr::unlock;
        iwdg->PR = iwdg_pr::divide_by_256;
        iwdg->RLR = seconds * 40'000 / 256;
        while (iwdg->SR != 0) {  // bounded: the registers reach the watchdog within five of its clocks
        }
        feed_watchdog();
    }
}

}  // namespace boot
