// SPDX-License-Identifier: ISC
// Which version this is.
#pragma once

#include <cstdint>

namespace config {

/** As bcdDevice has it: 2.1.0 is 0x0210. */
inline constexpr std::uint16_t bcd_version = 0x0210;

}  // namespace config
