// SPDX-License-Identifier: ISC
// What a power failure leaves of a flash operation: the one model of it for chip, sweep and unit tests.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>

namespace sim::chip {

/// `after` where a bit was to move and has, `before` elsewhere. Each bit that was to move has moved with the given
/// probability (0 to 1, else the nearer of them), independently of its neighbours.
template <std::unsigned_integral Cell>
[[nodiscard]] Cell half_done(Cell before, Cell after, double probability,
                             std::uniform_random_bit_generator auto& random) {
    std::bernoulli_distribution moved(std::clamp(probability, 0.0, 1.0));
    for (unsigned moving = before ^ after; moving != 0; moving &= moving - 1)
        if (moved(random)) before = static_cast<Cell>(before ^ (1U << std::countr_zero(moving)));
    return before;
}

/// The same for the cells of a page: turns the content of `cells`, what the operation would have made of them, into
/// what is left. `before` is as long.
inline void leave_half_done(std::span<const std::uint8_t> before, std::span<std::uint8_t> cells, double probability,
                            std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (std::size_t at = 0; at < cells.size(); ++at)
        cells[at] = half_done(before[at], cells[at], probability, random);
}

}  // namespace sim::chip
