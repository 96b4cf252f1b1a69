// SPDX-License-Identifier: ISC
// Applications for tests: images of any size that run, and say in RAM which one they are.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tests/sim/support/target.hpp"

namespace sim::test {

struct Application {
    std::vector<std::uint8_t> bytes;  ///< As a host sends it.
    std::uint32_t mark = 0;           ///< What it stores at `mark_address` once it runs.
    std::uint32_t reset = 0;          ///< Address of its first instruction.

    static constexpr std::uint32_t mark_address = 0x2000'0100;
    static constexpr std::size_t least = 0x60;  ///< Bytes that it needs at least.
};

/// An application of `size` bytes (at least Application::least). The same seed gives the same
/// bytes, up to the size. Behind its code it holds pseudo-random half-words, some of them 0x0000
/// and some 0xFFFF.
[[nodiscard]] Application make_application(const Target& target, std::size_t size, std::uint32_t seed);

/// `bytes` as they lie in flash: high-memory layouts hide the reset vector in vector 7, and put the bootloader's own,
/// from `flash`, in its place.
[[nodiscard]] std::vector<std::uint8_t> as_installed(const Target& target, std::span<const std::uint8_t> bytes,
                                                     std::span<const std::uint8_t> flash);

/// Whether `flash` (from 0x08000000) holds the whole application.
[[nodiscard]] bool holds(const Target& target, std::span<const std::uint8_t> flash, const Application& application);

}  // namespace sim::test
