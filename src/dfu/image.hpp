// SPDX-License-Identifier: ISC
// What makes an application image runnable here: the first two words of its vector table (PM0056 section 2.3.4).
//
// The ranges are exact on purpose. A page whose erase was cut half-way holds random bits; the tighter the test, the
// less such noise looks like an application (docs: SAFETY.md has the odds).
#pragma once

#include <cstdint>

namespace dfu {

/** The two words that the core loads at reset. */
struct Vectors {
    std::uint32_t initial_stack;
    std::uint32_t reset;
};

/** Addresses that an application may use; each range ends one past its last byte. */
struct Ranges {
    std::uint32_t ram_base;
    std::uint32_t ram_end;
    std::uint32_t application_base;
    std::uint32_t application_end;
};

/** Whether an image with these vectors can run: a stack inside RAM, a Thumb reset handler inside its own flash. */
constexpr bool runnable(Vectors vectors, Ranges ranges) {
    // One comparison each: below the range wraps around to a large number. A full descending stack may start at the
    // very end of RAM, but not at its first byte.
    return vectors.initial_stack - ranges.ram_base - 1 < ranges.ram_end - ranges.ram_base &&
           vectors.reset - ranges.application_base < ranges.application_end - ranges.application_base &&
           (vectors.reset & 1u) != 0;
}

}  // namespace dfu
