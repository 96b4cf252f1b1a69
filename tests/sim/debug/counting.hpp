// SPDX-License-Identifier: ISC
// A program of four instructions that goes round: counts, stores, loads.
#pragma once

#include <array>
#include <cstring>

#include "sim/board/machine.hpp"

namespace sim::test {

namespace counting {
inline constexpr std::uint32_t start = 0x0800'0100, loop = 0x0800'0106, store = 0x0800'0108, load = 0x0800'010a,
                               fault_handler = 0x0800'0180;
inline constexpr std::uint32_t stored_at = 0x2000'0004, loaded_from = 0x2000'0008, stack = 0x2000'1000;
}  // namespace counting

/// Puts it into flash: r0 counts, is stored at 0x20000004, and 0x20000008 is loaded into r2.
inline void load_counting(Machine& machine) {
    std::array<std::uint16_t, 0xc2> image{};
    const auto word = [&](std::size_t at, std::uint32_t value) {
        image[at / 2] = static_cast<std::uint16_t>(value);
        image[at / 2 + 1] = static_cast<std::uint16_t>(value >> 16);
    };
    word(0, counting::stack);
    word(4, counting::start | 1);
    word(12, counting::fault_handler | 1);
    constexpr std::array<std::uint16_t, 7> code{0x2000,   // movs r0, #0
                                                0x2120,   // movs r1, #0x20
                                                0x0609,   // lsls r1, r1, #24
                                                0x3001,   // adds r0, #1
                                                0x6048,   // str r0, [r1, #4]
                                                0x688a,   // ldr r2, [r1, #8]
                                                0xe7fb};  // b back to the adds
    std::copy(code.begin(), code.end(), image.begin() + 0x80);
    image[0xc0] = 0xe7fe;  // b .
    std::array<std::uint8_t, sizeof image> bytes{};
    std::memcpy(bytes.data(), image.data(), bytes.size());
    machine.load_bytes(0x0800'0000, bytes);
}

}  // namespace sim::test
