// SPDX-License-Identifier: ISC
// Cortex-M3 system control block (PM0056 section 4.4).
#pragma once

#include "chip/reg.hpp"

namespace chip {

struct Scb {
    Reserved<2> CPUID_ICSR;
    volatile std::uint32_t VTOR;
    volatile std::uint32_t AIRCR;
};
inline constexpr At<Scb, 0xE000'ED00> scb;

/** Resets the chip: every peripheral is as after power-on, only the backup domain and RCC_CSR remember. */
[[noreturn, gnu::noinline]] inline void system_reset() {
    constexpr std::uint32_t VECTKEY = 0x05FA'0000, SYSRESETREQ = 1u << 2;
    scb->AIRCR = VECTKEY | SYSRESETREQ;
    for (;;) {  // the reset takes a few cycles to arrive (PM0056 section 4.4.5)
    }
}

}  // namespace chip
