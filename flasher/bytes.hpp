// SPDX-License-Identifier: ISC
// Little-endian fields out of untrusted bytes. Every offset is checked here, once, and nowhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace flasher {

using Bytes = std::span<const std::uint8_t>;

/// `count` bytes of `bytes` from `offset`, or nothing when they are not all there. Neither number
/// is trusted.
[[nodiscard]] constexpr std::optional<Bytes> slice(Bytes bytes, std::uint64_t offset, std::uint64_t count) {
    if (offset > bytes.size() || count > bytes.size() - offset) return std::nullopt;
    return bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(count));
}

/// The unsigned number of `count` (1 to 4) bytes at `offset`; the caller has checked that they
/// exist.
[[nodiscard]] constexpr std::uint32_t little_endian(Bytes bytes, std::size_t offset, std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = count; i > 0; --i)
        value = value << 8 | bytes[offset + i - 1];
    return value;
}

[[nodiscard]] constexpr std::uint16_t u16_at(Bytes bytes, std::size_t offset) {
    return static_cast<std::uint16_t>(little_endian(bytes, offset, 2));
}

[[nodiscard]] constexpr std::uint32_t u32_at(Bytes bytes, std::size_t offset) {
    return little_endian(bytes, offset, 4);
}

}  // namespace flasher
