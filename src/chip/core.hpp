// SPDX-License-Identifier: ISC
// Cortex-M3 system control block and independent watchdog (PM0056 section 4.4, RM0008
// section 19.4).
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

/** Resets the chip: every peripheral is as after power-on, only the backup domain and RCC_CSR
 * remember. */
[[noreturn, gnu::noinline]] inline void system_reset() {
    constexpr std::uint32_t VECTKEY = 0x05FA'0000, SYSRESETREQ = 1u << 2;
    scb->AIRCR = VECTKEY | SYSRESETREQ;
    for (;;) {  // the reset takes a few cycles to arrive (PM0056 section 4.4.5)
    }
}

/**
 * Lets at least `cycles` of the system clock pass. A taken branch costs the Cortex-M3 two to four
 * cycles, so a turn of this loop is never shorter than three.
 */
inline void wait_cycles(std::uint32_t cycles) {
    std::uint32_t turns = cycles / 3 + 1;
    asm volatile("1: subs %0, #1\n   bne 1b" : "+l"(turns) : : "cc");
}

}  // namespace chip
