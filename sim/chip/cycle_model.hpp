// SPDX-License-Identifier: ISC
// What an instruction costs, and which ones need a second look. By the first half-word alone.
//
// The model (Cortex-M3 TRM r1p1 table 18-1, rounded):
//   data processing 1, load 2, store 1, load or store multiple 1 + registers, multiply long 4, divide 7; a taken branch
//   2 more, to refill the pipeline, plus the flash wait states; a data read from flash costs the wait states; straight
//   code is fed by the prefetch buffer at no cost, without the buffer each 64-bit line costs the wait states.
#pragma once

#include <array>
#include <cstdint>

namespace sim::chip {

struct InstructionInfo {
    std::uint8_t cycles = 1;
    std::uint8_t flags = 0;
};

namespace instruction {
inline constexpr std::uint8_t special = 1;          ///< WFI, WFE, SEV, IT, and all that changes interrupt masks.
inline constexpr std::uint8_t needs_alignment = 2;  ///< LDM, STM, LDRD, STRD, LDREX: never unaligned (A3.2.1).
inline constexpr std::uint8_t push = 4;             ///< Moves the stack pointer down.
inline constexpr std::uint8_t divide = 8;
inline constexpr std::uint8_t counts_down = 16;  ///< SUBS of 1: perhaps the head of a delay loop.
}  // namespace instruction

/// One entry for each first half-word.
const std::array<InstructionInfo, 65536>& instruction_table();

/// Cycles of a taken branch beyond the instruction's own.
inline constexpr std::uint32_t refill_cycles = 2;
inline constexpr std::uint32_t exception_entry_cycles = 12, tail_chain_cycles = 6, exception_return_cycles = 10;

}  // namespace sim::chip
