// SPDX-License-Identifier: ISC
// How much of flash and RAM a linked program takes.
#pragma once

#include <cstdint>
#include <filesystem>

namespace bench {

struct ElfSize {
    std::uint32_t flash = 0;      ///< Bytes with contents at 0x08000000 and above.
    std::uint32_t constants = 0;  ///< Of these, those that are not executed.
    std::uint32_t ram = 0;        ///< Bytes of variables at 0x20000000 and above, without stack.
    std::uint32_t ram_end = 0;    ///< One behind the last variable.
    std::uint32_t stack_top = 0;  ///< Where the linker lets the stack begin; 0: it has no such symbol.
};

/// Adds up the sections of a 32-bit little-endian ELF file that occupy memory. Throws
/// std::runtime_error that names the file when it is not an ELF file.
[[nodiscard]] ElfSize size_of_elf(const std::filesystem::path& file);

}  // namespace bench
