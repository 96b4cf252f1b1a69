// SPDX-License-Identifier: ISC
// Reads program images for the virtual board: .bin, Intel .hex, .elf.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace sim {

/// Bytes for one place in memory.
struct ImageSegment {
    std::uint32_t address = 0;
    std::vector<std::uint8_t> bytes;
};

/// Reads `file` by its extension. A .bin goes to `bin_address`. Segments without bytes are left
/// out, addresses are load addresses. Throws std::runtime_error that names the file and what is
/// wrong with it.
std::vector<ImageSegment> read_image(const std::filesystem::path& file, std::uint32_t bin_address);

/// Intel HEX text: record types 00, 01, 02, 03, 04, 05. Throws std::runtime_error with the line's
/// number.
std::vector<ImageSegment> parse_intel_hex(const std::vector<std::uint8_t>& text);

/// ELF32, little endian, ARM: the PT_LOAD program headers. Throws std::runtime_error.
std::vector<ImageSegment> parse_elf(const std::vector<std::uint8_t>& bytes);

}  // namespace sim
