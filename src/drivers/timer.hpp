// SPDX-License-Identifier: ISC
// The one timer: SysTick, on the core's own clock.
#pragma once

#include "chip/systick.hpp"

namespace drivers {

inline constexpr std::uint32_t longest_time = 0xFF'FFFF;  ///< in cycles

/** Starts to count `cycles` of the core's clock, 1 to `longest_time`, over and over. */
[[gnu::noinline]] inline void start_timer(std::uint32_t cycles) {
    chip::systick->LOAD = cycles;
    chip::systick->VAL = 0;
    chip::systick->CTRL.write(chip::systick_ctrl::CLKSOURCE | chip::systick_ctrl::ENABLE);
}

/** From the next time on another number of cycles, until the timer is started again. */
inline void change_period(std::uint32_t cycles) {
    chip::systick->LOAD = cycles;
}

/** Whether the time is over since this was last asked, or the timer last started. */
inline bool time_is_over() {
    return chip::systick->CTRL.any(chip::systick_ctrl::COUNTFLAG);
}

/** Lets `cycles` of the core's clock pass. Leaves SysTick as after reset. */
[[gnu::noinline]] inline void wait_cycles(std::uint32_t cycles) {
    start_timer(cycles);
    while (!time_is_over()) {  // bounded: it counts
    }
    chip::systick->CTRL.write(chip::systick_ctrl::none);
    chip::systick->LOAD = 0;
    chip::systick->VAL = 0;
}

}  // namespace drivers
