// SPDX-License-Identifier: ISC
// The core's timer, SysTick (PM0056 section 4.5).
#pragma once

#include "chip/reg.hpp"

namespace chip {

struct SysTick {
    Reg<struct SysTickCtrl> CTRL;  ///< COUNTFLAG clears when it is read, and when VAL is written
    volatile std::uint32_t LOAD;   ///< 24 bits
    volatile std::uint32_t VAL;
};
inline constexpr At<SysTick, 0xE000'E010> systick;

namespace systick_ctrl {
inline constexpr Bits<SysTickCtrl> none{0}, ENABLE{1u << 0}, CLKSOURCE{1u << 2}, COUNTFLAG{1u << 16};
}

}  // namespace chip
