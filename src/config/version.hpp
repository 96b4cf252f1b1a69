// SPDX-License-Identifier: ISC
// Which version this is.
#pragma once

#include <cstdint>

namespace config {

/** As bcdDevice has it: 2.1.0 is 0x0210. The build takes it from project() of the top CMakeLists.txt. */
inline constexpr std::uint16_t bcd_version = DAPBOOT_BCD_VERSION;

}  // namespace config
