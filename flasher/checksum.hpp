// SPDX-License-Identifier: ISC
// CRC-32 of IEEE 802.3.
#pragma once

#include <array>
#include <cstdint>

#include "flasher/bytes.hpp"

namespace flasher {

/// The register without its final inversion, as DFU 1.1 appendix B wants it.
[[nodiscard]] constexpr std::uint32_t crc32_register(Bytes bytes) {
    constexpr auto table = [] {
        std::array<std::uint32_t, 256> entries{};
        for (std::uint32_t i = 0; i < entries.size(); ++i) {
            std::uint32_t value = i;
            for (int bit = 0; bit < 8; ++bit)
                value = value >> 1 ^ (value % 2 != 0 ? 0xEDB8'8320U : 0U);
            entries[i] = value;
        }
        return entries;
    }();
    std::uint32_t crc = 0xFFFF'FFFF;
    for (const auto byte : bytes)
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8;
    return crc;
}

/// The checksum as zip, PNG and `crc32` have it.
[[nodiscard]] constexpr std::uint32_t crc32(Bytes bytes) {
    return ~crc32_register(bytes);
}

}  // namespace flasher
