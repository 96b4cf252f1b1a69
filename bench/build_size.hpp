// SPDX-License-Identifier: ISC
// How much of flash and RAM a linked program takes.
#pragma once

#include <cstdint>
#include <filesystem>

namespace bench {

struct BuildSize {
    std::uint32_t flash = 0;      ///< Bytes with contents at 0x08000000 and above.
    std::uint32_t constants = 0;  ///< Of these, those that are not executed.
    std::uint32_t ram = 0;        ///< Bytes of variables, from 0x20000000 on, without stack.
    std::uint32_t ram_limit = 0;  ///< Bytes of RAM that variables and stack share; the stack begins at their end.

    [[nodiscard]] std::uint32_t ram_end() const { return ram_base + ram; }  ///< One past the last variable.
    [[nodiscard]] std::uint32_t stack_top() const {
        return ram_base + ram_limit;
    }  ///< One past the stack's first word.

  private:
    static constexpr std::uint32_t ram_base = 0x2000'0000;
};

/// What the build measured when it linked `elf`, from the .size file beside it (cmake/report_size.cmake). Throws
/// std::runtime_error that names the file when it is missing or lacks a number.
[[nodiscard]] BuildSize size_of_build(const std::filesystem::path& elf);

}  // namespace bench
