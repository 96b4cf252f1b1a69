// SPDX-License-Identifier: ISC
// Skips loops that wait. When the core comes by the same place twice with the same registers and the same RAM, and in
// between neither did anything with a consequence nor anything happened outside, it will come by again and again until
// something does happen: the clock may as well be set forward by whole rounds.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/chip/core.hpp"

namespace sim::chip {

struct Core::Skipper {
    std::uint32_t anchor = 1;  ///< Address at which rounds are compared; odd: none.
    bool seen = false;         ///< The core has been there, what follows is valid.
    std::array<std::uint32_t, 17> registers{};
    bool ram_seen = false;  ///< So is what was in RAM.
    std::vector<std::uint8_t> ram;
    std::int64_t cycle = 0;   ///< At that visit.
    std::int64_t arm_at = 0;  ///< When to choose an anchor, or give the present one up.
    std::int64_t patience = shortest;

    std::uint32_t countdown = 1;        ///< Address of the last SUBS of 1; odd: none.
    std::uint64_t countdown_visit = 0;  ///< What `instructions` said then.
    std::int64_t countdown_cycle = 0;

    static constexpr std::int64_t shortest = 300, longest = 200'000, give_up = 4000;
};

}  // namespace sim::chip
