// SPDX-License-Identifier: ISC
// A byte on a serial line, as whoever is at its other end sends it.
#pragma once

#include <bit>
#include <cstdint>

namespace sim {

enum class Parity : std::uint8_t { none, even, odd };

/// The levels of one frame (RM0008 27.3.1), a bit each from bit 0 on: start, eight data bits, parity where there is
/// one, then the line at rest for as long as one looks.
constexpr std::uint32_t serial_frame(std::uint8_t byte, Parity parity) {
    constexpr std::uint32_t at_rest = 0xffff'ffff;
    const bool odd_ones = std::popcount(byte) % 2 != 0;
    std::uint32_t levels = (at_rest << 9) | static_cast<std::uint32_t>(byte << 1);
    if (parity != Parity::none && odd_ones == (parity == Parity::odd)) levels &= ~(1U << 9);
    return levels;
}

}  // namespace sim
