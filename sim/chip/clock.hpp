// SPDX-License-Identifier: ISC
// The relation of HCLK cycles and virtual time. Cycles are what the core counts; time is what the world sees.
#pragma once

#include <cstdint>

#include "sim/time.hpp"

namespace sim::chip {

__extension__ using Wide = __int128;
inline constexpr std::int64_t picoseconds_per_second = 1'000'000'000'000;

/// Whole ticks of a `hz` clock within `span`, tolerant of the picosecond that rounding took.
constexpr std::int64_t ticks_in(Time span, std::uint32_t hz) {
    return static_cast<std::int64_t>((static_cast<Wide>(span.count()) + 1) * hz / picoseconds_per_second);
}

/// Time that `ticks` of a `hz` clock take, rounded up.
constexpr Time time_of(std::int64_t ticks, std::uint32_t hz) {
    const Wide exact = static_cast<Wide>(ticks) * picoseconds_per_second;
    return Time{static_cast<std::int64_t>((exact + hz - 1) / hz)};
}

/// Counts cycles at a frequency that may change. Copyable: part of every snapshot.
class CycleClock {
  public:
    Time now() const {
        // Whole seconds apart, so that no product grows beyond 64 bits with the time that has passed.
        const std::int64_t since = cycles - base_cycles_, whole = since / hz_, rest = since % hz_;
        return base_ + Time{whole * picoseconds_per_second + rest * (picoseconds_per_second / hz_) +
                            rest * (picoseconds_per_second % hz_) / hz_};
    }
    std::uint32_t hz() const { return hz_; }

    /// From now on a cycle lasts 1/hz.
    void set_hz(std::uint32_t hz) {
        base_ = now();
        base_cycles_ = cycles;
        hz_ = hz;
    }

    /// First cycle count at which now() is not before `when`.
    std::int64_t cycles_at(Time when) const {
        if (when <= base_) return base_cycles_;
        const Wide exact = static_cast<Wide>((when - base_).count()) * hz_;
        return base_cycles_ + static_cast<std::int64_t>((exact + picoseconds_per_second - 1) / picoseconds_per_second);
    }

    /// Lets time pass without instructions: sleep, stall, no power.
    void skip_to(Time when) {
        const std::int64_t target = cycles_at(when);
        if (target > cycles) cycles = target;
    }

    std::int64_t cycles = 0;

  private:
    Time base_{};
    std::int64_t base_cycles_ = 0;
    std::uint32_t hz_ = 8'000'000;
};

}  // namespace sim::chip
