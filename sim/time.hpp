// SPDX-License-Identifier: ISC
// Virtual time: what the board's own clock says, never the clock of the machine that runs it.
#pragma once

#include <chrono>
#include <cstdint>
#include <ratio>

namespace sim {

/// A span of virtual time, or the time since the board was built. 64 bits of picoseconds hold 106
/// days.
using Time = std::chrono::duration<std::int64_t, std::pico>;

/// Later than anything that happens.
inline constexpr Time never = Time::max();

/// Virtual time as seconds, for printing.
constexpr double seconds(Time time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace sim
