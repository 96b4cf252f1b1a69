// SPDX-License-Identifier: ISC
// Two resets within half a second: a way into DFU for boards that have a reset key and no other.
//
// The first reset leaves a mark in RAM, which a reset does not touch, and waits for a second one. It costs every start
// half a second, so it is off unless asked for.
#pragma once

#include "chip/iwdg.hpp"
#include "config/layout.hpp"
#include "drivers/clock.hpp"
#include "drivers/timer.hpp"

namespace boot {

/** Whether this is the second reset. Uses the first word of RAM, where nothing has been stored yet. */
template <bool enabled>
bool reset_twice() {
    if constexpr (enabled) {
        constexpr std::uint32_t armed = 0xD0B1'E5E7;  // a value that RAM does not wake up with
        auto& mark = *reinterpret_cast<volatile std::uint32_t*>(config::sram_base);
        const bool second = mark == armed;
        mark = second ? 0 : armed;
        if (second) return true;
        for (unsigned tenths = 5; tenths != 0; --tenths) {
            chip::feed_watchdog();
            drivers::wait_cycles(drivers::reset_clock / 10);
        }
        mark = 0;
    }
    return false;
}

}  // namespace boot
