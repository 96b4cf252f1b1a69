// SPDX-License-Identifier: ISC
// Pieces of memory at addresses, joined into one flat image.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "flasher/image.hpp"

namespace flasher {

/// Bytes of the source file that belong at `address`.
struct Segment {
    std::uint32_t address = 0;
    std::vector<std::uint8_t> bytes;
};

/// Puts `bytes` for `address` behind the last segment where they continue it, else into one of their own.
inline void append(std::vector<Segment>& segments, std::uint32_t address, Bytes bytes) {
    const bool follows =
        !segments.empty() && std::uint64_t{segments.back().address} + segments.back().bytes.size() == address;
    if (!follows) segments.push_back({.address = address, .bytes = {}});
    segments.back().bytes.insert(segments.back().bytes.end(), bytes.begin(), bytes.end());
}

/// Sorts and joins; gaps become 0xFF. Throws ImageError when nothing is there, pieces overlap, one
/// runs over the end of the address space, or the whole is longer than largest_image.
[[nodiscard]] inline Image join(std::vector<Segment> segments, ImageFormat format) {
    std::erase_if(segments, [](const Segment& one) { return one.bytes.empty(); });
    if (segments.empty()) throw ImageError("the file holds no bytes to program");
    std::ranges::stable_sort(segments, {}, &Segment::address);

    const std::uint64_t base = segments.front().address;
    std::vector<std::uint8_t> bytes;
    for (const auto& [address, content] : segments) {
        const std::uint64_t offset = address - base;
        if (offset < bytes.size())
            throw ImageError(fmt::format("two parts of the file claim address {:#010x}", address));
        if (offset + content.size() > largest_image || address + std::uint64_t{content.size()} > 1ULL << 32)
            throw ImageError(
                fmt::format("the file spans from {:#010x} beyond {:#010x}; an image is at most {} bytes long", base,
                            address, largest_image));
        bytes.resize(offset, 0xFF);
        bytes.insert(bytes.end(), content.begin(), content.end());
    }
    return {
        .format = format, .bytes = std::move(bytes), .base = static_cast<std::uint32_t>(base), .suffix = std::nullopt};
}

}  // namespace flasher
