// SPDX-License-Identifier: ISC
// Power control and backup registers (RM0008 sections 5.4 and 6.4), as far as a word in a backup register needs them.
#pragma once

#include "chip/reg.hpp"

namespace chip {

struct Pwr {
    Reg<struct PwrCr> CR;
};
inline constexpr At<Pwr, 0x4000'7000> pwr;

namespace pwr_cr {
inline constexpr Bits<PwrCr> DBP{1u << 8};  ///< disable backup domain write protection
}

struct Bkp {
    volatile std::uint32_t DR[11];  ///< BKP_DR1 to BKP_DR10, sixteen bits each; element 0 is reserved
};
inline constexpr At<Bkp, 0x4000'6C00> bkp;

}  // namespace chip
