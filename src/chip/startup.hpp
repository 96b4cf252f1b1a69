// SPDX-License-Identifier: ISC
// What the linker script says of RAM.
#pragma once

#include "config/layout.hpp"

extern "C" {
extern std::uint32_t ram_end[];  ///< one past the last variable; the first is where RAM begins
extern std::uint32_t stack_top[];
}

namespace chip {

/** Gives every variable its initial value, zero. Nothing may have been stored in one before. */
inline void clear_variables() {
    std::uint32_t* word = ram_end;
    do {
        *--word = 0;
    } while (word != reinterpret_cast<std::uint32_t*>(config::sram_base));
}

}  // namespace chip
