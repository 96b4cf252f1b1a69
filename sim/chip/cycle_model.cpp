// SPDX-License-Identifier: ISC
// Builds the table of instruction costs. Encodings: ARMv7-M ARM A5.2 (16 bits), A5.3 (32 bits).
#include "sim/chip/cycle_model.hpp"

#include <bit>

namespace sim::chip {

namespace {

constexpr std::uint8_t load_cycles = 2, long_multiply_cycles = 4, divide_cycles = 7, typical_multiple = 5;

InstructionInfo narrow(std::uint16_t code) {
    const auto registers = static_cast<std::uint8_t>(std::popcount(static_cast<unsigned>(code & 0x1ff)));
    const auto listed = static_cast<std::uint8_t>(1 + std::popcount(static_cast<unsigned>(code & 0xff)));
    if ((code & 0xfe00) == 0xb400) return {static_cast<std::uint8_t>(1 + registers), instruction::push};  // PUSH
    if ((code & 0xfe00) == 0xbc00) return {static_cast<std::uint8_t>(1 + registers), 0};                  // POP
    if ((code & 0xf000) == 0xc000) return {listed, instruction::needs_alignment};                         // LDM, STM
    if ((code & 0xf8ff) == 0x3801) return {1, instruction::counts_down};                                  // SUBS Rd, #1
    if ((code & 0xff00) == 0xbf00) return {1, instruction::special};                                      // IT, hints
    if ((code & 0xffe8) == 0xb660) return {1, instruction::special};                                      // CPS
    if ((code & 0xf800) == 0x4800) return {load_cycles, 0};                                               // LDR literal
    if ((code & 0xf000) == 0x5000 && (code & 0x0e00) >= 0x0600) return {load_cycles, 0};
    const bool has_load_bit = (code & 0xe000) == 0x6000 || (code & 0xe000) == 0x8000;
    if (has_load_bit && (code & 0x0800) != 0 && (code & 0xf000) != 0xa000) return {load_cycles, 0};
    return {1, 0};
}

InstructionInfo wide(std::uint16_t first) {
    if (first == 0xe92d) return {typical_multiple, instruction::push | instruction::needs_alignment};
    if ((first & 0xfe40) == 0xe800) return {typical_multiple, instruction::needs_alignment};  // LDM, STM
    if ((first & 0xfff0) == 0xe8d0 && (first & 0x60) == 0x40) return {load_cycles, 0};        // TBB, LDREXB
    if ((first & 0xfe40) == 0xe840) return {3, instruction::needs_alignment};                 // LDRD, STRD, LDREX
    if (first == 0xf84d) return {1, instruction::push};                                       // PUSH of one
    if ((first & 0xfe00) == 0xf800) return {static_cast<std::uint8_t>((first & 0x10) != 0 ? load_cycles : 1), 0};
    if ((first & 0xffd0) == 0xfb90) return {divide_cycles, instruction::divide};
    if ((first & 0xff80) == 0xfb80) return {long_multiply_cycles, 0};
    if ((first & 0xffe0) == 0xf380 || first == 0xf3af) return {2, instruction::special};  // MSR, hints
    return {1, 0};
}

}  // namespace

const std::array<InstructionInfo, 65536>& instruction_table() {
    static const auto table = [] {
        std::array<InstructionInfo, 65536> built{};
        for (std::uint32_t code = 0; code < built.size(); ++code) {
            const auto half = static_cast<std::uint16_t>(code);
            built[code] = half >= 0xe800 ? wide(half) : narrow(half);
        }
        return built;
    }();
    return table;
}

}  // namespace sim::chip
