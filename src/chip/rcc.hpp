// SPDX-License-Identifier: ISC
// Reset and clock control (RM0008 section 7.3).
#pragma once

#include "chip/reg.hpp"

namespace chip {

struct Rcc {
    Reg<struct RccCr> CR;
    Reg<struct RccCfgr> CFGR;
    Reserved<2> CIR_APB2RSTR;
    Reg<struct RccApb1rstr> APB1RSTR;
    Reserved<1> AHBENR;
    Reg<struct RccApb2enr> APB2ENR;
    Reg<struct RccApb1enr> APB1ENR;
    Reserved<1> BDCR;
    Reg<struct RccCsr> CSR;
};
static_assert(sizeof(Rcc) == 0x28);
inline constexpr At<Rcc, 0x4002'1000> rcc;

namespace rcc_cr {
inline constexpr Bits<RccCr> none{0}, HSION{1u << 0}, HSIRDY{1u << 1}, HSITRIM_reset{16u << 3}, HSEON{1u << 16},
    HSERDY{1u << 17}, PLLON{1u << 24};
}

namespace rcc_cfgr {
inline constexpr Bits<RccCfgr> reset{0}, SW{3u << 0}, SWS{3u << 2}, SW_PLL{2u << 0}, PPRE1_div2{4u << 8},
    PLLSRC_HSE{1u << 16}, PLLXTPRE{1u << 17}, USBPRE_div1{1u << 22};
/** PLL multiplication factor, 2 to 16. */
constexpr Bits<RccCfgr> PLLMUL(unsigned factor) {
    return {(factor - 2) << 18};
}
}  // namespace rcc_cfgr

namespace rcc_apb1rstr {
inline constexpr Bits<RccApb1rstr> none{0}, WWDGRST{1u << 11}, USBRST{1u << 23};
}

namespace rcc_apb2enr {
inline constexpr Bits<RccApb2enr> none{0}, AFIOEN{1u << 0};
/** Clock of GPIO port 0 (A) to 6 (G). */
constexpr Bits<RccApb2enr> IOPxEN(unsigned port) {
    return {4u << port};
}
}  // namespace rcc_apb2enr

namespace rcc_apb1enr {
inline constexpr Bits<RccApb1enr> none{0}, USBEN{1u << 23}, BKPEN{1u << 27}, PWREN{1u << 28};
}

namespace rcc_csr {
inline constexpr Bits<RccCsr> RMVF{1u << 24}, IWDGRSTF{1u << 29};
}

}  // namespace chip
