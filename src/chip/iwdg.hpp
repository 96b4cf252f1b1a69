// SPDX-License-Identifier: ISC
// Independent watchdog (RM0008 section 19.4).
#pragma once

#include "chip/reg.hpp"

namespace chip {

struct Iwdg {
    volatile std::uint32_t KR;
    volatile std::uint32_t PR;
    volatile std::uint32_t RLR;
    volatile std::uint32_t SR;
};
inline constexpr At<Iwdg, 0x4000'3000> iwdg;

/** What KR takes (section 19.4.1). */
namespace iwdg_kr {
inline constexpr std::uint32_t reload = 0xAAAA, unlock = 0x5555, start = 0xCCCC;
}
namespace iwdg_pr {
inline constexpr std::uint32_t divide_by_256 = 6;
}

/** Restarts the independent watchdog; does nothing when it was never started. */
inline void feed_watchdog() {
    iwdg->KR = iwdg_kr::reload;
}

}  // namespace chip
