// SPDX-License-Identifier: ISC
// Flash program and erase controller (PM0075 section 3), and the device electronic signature (RM0008 section 30).
#pragma once

#include "chip/reg.hpp"

namespace chip {

struct Flash {
    Reg<struct FlashAcr> ACR;
    volatile std::uint32_t KEYR;
    volatile std::uint32_t OPTKEYR;
    Reg<struct FlashSr> SR;
    Reg<struct FlashCr> CR;
    volatile std::uint32_t AR;
    Reserved<1> gap;
    Reg<struct FlashObr> OBR;
    volatile std::uint32_t WRPR;  ///< a zero protects 4 KiB; bit 31 all that is above 124 KiB
};
static_assert(sizeof(Flash) == 0x24);
inline constexpr At<Flash, 0x4002'2000> flash;

namespace flash_acr {
inline constexpr Bits<FlashAcr> LATENCY_2{2}, PRFTBE{1u << 4};
}
namespace flash_sr {
inline constexpr Bits<FlashSr> BSY{1u << 0}, WRPRTERR{1u << 4};
}
namespace flash_cr {
inline constexpr Bits<FlashCr> none{0}, PG{1u << 0}, PER{1u << 1}, OPTPG{1u << 4}, OPTER{1u << 5}, STRT{1u << 6},
    LOCK{1u << 7}, OPTWRE{1u << 9};
}

namespace flash_obr {
inline constexpr Bits<FlashObr> RDPRT{1u << 1};
}

inline constexpr std::uint32_t flash_key1 = 0x4567'0123;
inline constexpr std::uint32_t flash_key2 = 0xCDEF'89AB;

/** The option bytes: RDP, USER, Data0, Data1 and WRP0 to WRP3, each a half-word with its complement above it, which the
 * controller adds by itself (PM0075 section 2.5). */
inline volatile std::uint16_t* option_bytes() {
    return reinterpret_cast<volatile std::uint16_t*>(0x1FFF'F800);
}
inline constexpr unsigned option_byte_count = 8, option_byte_wrp0 = 4;

/** Flash size in KiB. Clones may report anything. */
inline std::uint32_t flash_size_register() {
    return *reinterpret_cast<const volatile std::uint16_t*>(0x1FFF'F7E0);
}

/** The 96-bit unique device ID, three words from bits 31:0 to bits 95:64. */
inline const std::uint32_t* unique_id() {
    return reinterpret_cast<const std::uint32_t*>(0x1FFF'F7E8);
}

}  // namespace chip
