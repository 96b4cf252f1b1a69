// SPDX-License-Identifier: ISC
// Cortex-M3 system control block and independent watchdog (PM0056 section 4.4, RM0008 section 19.4).
#pragma once

#include "chip/reg.hpp"

namespace chip {

struct Scb {
    Reserved<2> CPUID_ICSR;
    volatile std::uint32_t VTOR;
    volatile std::uint32_t AIRCR;
};
inline constexpr At<Scb, 0xE000'ED00> scb;

struct Iwdg {
    volatile std::uint32_t KR;
    volatile std::uint32_t PR;
    volatile std::uint32_t RLR;
    volatile std::uint32_t SR;
};
inline constexpr At<Iwdg, 0x4000'3000> iwdg;

/** Restarts the independent watchdog; does nothing when it was never started. */
inline void feed_watchdog() {
    iwdg->KR = 0xAAAA;
}

/** Resets the chip: every peripheral is as after power-on, only the backup domain and RCC_CSR remember. */
[[noreturn, gnu::noinline]] inline void system_reset() {
    constexpr std::uint32_t VECTKEY = 0x05FA'0000, SYSRESETREQ = 1u << 2;
    scb->AIRCR = VECTKEY | SYSRESETREQ;
    for (;;) {  // the reset takes a few cycles to arrive (PM0056 section 4.4.5)
    }
}

struct SysTick {
    volatile std::uint32_t CTRL;
    volatile std::uint32_t LOAD;
    volatile std::uint32_t VAL;
};
inline constexpr At<SysTick, 0xE000'E010> systick;

/** Lets `cycles` of the core's clock pass, 1 to 0xFFFFFF. Leaves SysTick as after reset (PM0056 section 4.5). */
[[gnu::noinline]] inline void wait_cycles(std::uint32_t cycles) {
    constexpr std::uint32_t ENABLE = 1u << 0, CLKSOURCE = 1u << 2, COUNTFLAG = 1u << 16;
    systick->LOAD = cycles;
    systick->VAL = 0;
    systick->CTRL = CLKSOURCE | ENABLE;
    while ((systick->CTRL & COUNTFLAG) == 0) {  // bounded: it counts
    }
    systick->CTRL = 0;
    systick->LOAD = 0;
    systick->VAL = 0;
}

}  // namespace chip
