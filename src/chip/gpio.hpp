// SPDX-License-Identifier: ISC
// General-purpose I/O and its alternate-function remapping (RM0008 sections 9.2 and 9.4).
#pragma once

#include "chip/reg.hpp"

namespace chip {

struct Gpio {
    volatile std::uint32_t CR[2];  ///< CRL and CRH: four bits a pin, CNF above MODE
    volatile std::uint32_t IDR;
    volatile std::uint32_t ODR;
    volatile std::uint32_t BSRR;
    volatile std::uint32_t BRR;
    volatile std::uint32_t LCKR;
};

inline Gpio* gpio(unsigned port) {
    return reinterpret_cast<Gpio*>(0x4001'0800 + port * 0x400);
}

/** The four configuration bits of a pin (RM0008 table 20). */
enum class PinMode : std::uint32_t {
    input_floating = 0x4,
    input_pull = 0x8,  ///< ODR says which way
    output_push_pull_2MHz = 0x2,
    output_open_drain_2MHz = 0x6,
};

struct Afio {
    Reg<struct AfioEvcr> EVCR;
    Reg<struct AfioMapr> MAPR;
};
inline constexpr At<Afio, 0x4001'0000> afio;

namespace afio_mapr {
inline constexpr Bits<AfioMapr> SWJ_off{4u << 24};  ///< JTAG-DP and SW-DP disabled
}

}  // namespace chip
