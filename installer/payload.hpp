// SPDX-License-Identifier: ISC
// The bootloader that is to be installed, as it shall lie in flash from config::bootloader_base on.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {
extern const std::uint16_t payload[];
extern const std::uint16_t payload_end[];
}

namespace installer {

/** Its length in half-words; it has whole words. */
inline std::size_t payload_size() {
    return static_cast<std::size_t>(payload_end - payload);
}

/** Its reset vector, the second word. */
inline std::uint32_t payload_reset_vector() {
    return std::uint32_t{payload[3]} << 16 | payload[2];
}

}  // namespace installer
