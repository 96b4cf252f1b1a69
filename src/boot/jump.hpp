// SPDX-License-Identifier: ISC
// Hands the chip over to the application.
#pragma once

#include "chip/core.hpp"
#include "dfu/image.hpp"

namespace boot {

/**
 * Does what the core does at reset (PM0056 section 2.3.4), with the application's vector table.
 * @param table  address of the vector table, a multiple of 512
 */
[[noreturn]] inline void start_application(std::uint32_t table, dfu::Vectors vectors) {
    chip::scb->VTOR = table;
    asm volatile("msr msp, %0\n   bx %1" : : "r"(vectors.initial_stack), "r"(vectors.reset));
    __builtin_unreachable();
}

}  // namespace boot
