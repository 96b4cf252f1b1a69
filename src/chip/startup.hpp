// SPDX-License-Identifier: ISC
// What the linker script says of RAM.
#pragma once

#include <cstdint>

extern "C" {
extern std::uint32_t ram_start[];  ///< first word of the variables
extern std::uint32_t ram_end[];    ///< one past the last
extern std::uint32_t stack_top[];
}

namespace chip {

/** Gives every variable its initial value, zero. Nothing may have been stored in one before. */
inline void clear_variables() {
    for (std::uint32_t* word = ram_start; word != ram_end; ++word)
        *word = 0;
}

}  // namespace chip
