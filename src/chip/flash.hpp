// SPDX-License-Identifier: ISC
// Flash program and erase controller (PM0075 section 3), and the device electronic signature
// (RM0008 section 30).
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
};
inline constexpr At<Flash, 0x4002'2000> flash;

namespace flash_acr {
inline constexpr Bits<FlashAcr> LATENCY_1{1}, PRFTBE{1u << 4};
}
namespace flash_sr {
inline constexpr Bits<FlashSr> BSY{1u << 0}, WRPRTERR{1u << 4};
}
namespace flash_cr {
inline constexpr Bits<FlashCr> none{0}, PG{1u << 0}, PER{1u << 1}, STRT{1u << 6}, LOCK{1u << 7};
}

inline constexpr std::uint32_t flash_key1 = 0x4567'0123;
inline constexpr std::uint32_t flash_key2 = 0xCDEF'89AB;

inline constexpr std::uint32_t flash_base = 0x0800'0000;
inline constexpr std::uint32_t sram_base = 0x2000'0000;

/** Flash size in KiB. Clones may report anything. */
inline std::uint32_t flash_size_register() {
    return *reinterpret_cast<const volatile std::uint16_t*>(0x1FFF'F7E0);
}

/** The 96-bit unique device ID, three words from bits 31:0 to bits 95:64. */
inline const std::uint32_t* unique_id() {
    return reinterpret_cast<const std::uint32_t*>(0x1FFF'F7E8);
}

}  // namespace chip
