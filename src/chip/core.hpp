// SPDX-License-Identifier: ISC
// Cortex-M3 system control block (PM0056 section 4.4).
#pragma once

#include "chip/reg.hpp"

namespace chip {

struct Scb {
    Reserved<2> CPUID_ICSR;
    volatile std::uint32_t VTOR;
    volatile std::uint32_t AIRCR;
    Reserved<1> SCR;
    volatile std::uint32_t CCR;
    Reserved<4> SHPR_SHCSR;
    volatile std::uint32_t CFSR;  ///< clears where 1 is written
};
static_assert(sizeof(Scb) == 0x2C);
inline constexpr At<Scb, 0xE000'ED00> scb;

/** Resets the chip: every peripheral is as after power-on, only the backup domain and RCC_CSR remember. */
[[noreturn, gnu::noinline]] inline void system_reset() {
    constexpr std::uint32_t VECTKEY = 0x05FA'0000, SYSRESETREQ = 1u << 2;
    scb->AIRCR = VECTKEY | SYSRESETREQ;
    for (;;) {  // the reset takes a few cycles to arrive (PM0056 section 4.4.5)
    }
}

/**
 * From here on a read where there is no memory is only noted: at the priority that FAULTMASK gives, and with BFHFNMIGN,
 * the core goes on after a bus fault (PM0056 section 4.4.7). Any other fault is a lockup.
 */
inline void ignore_bus_faults() {
    constexpr std::uint32_t BFHFNMIGN = 1u << 8;
    scb->CCR = BFHFNMIGN;
    asm volatile("cpsid f" : : : "memory");
}
inline void heed_bus_faults() {
    asm volatile("cpsie f" : : : "memory");
}

/** Whether a bus fault has been noted since this was last asked. */
inline bool met_bus_fault() {
    const std::uint32_t noted = scb->CFSR;
    scb->CFSR = noted;
    return noted != 0;
}

}  // namespace chip
