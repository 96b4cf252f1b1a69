// SPDX-License-Identifier: ISC
// USB full-speed device interface (RM0008 section 23.5): registers and packet memory.
//
// Two registers of it are not memory, and have no read-modify-write. ISTR clears where 0 is written. In EPnR the bits
// STAT and DTOG toggle where 1 is written and CTR clears where 0 is written; so what is written is made by pure
// functions from what was read.
#pragma once

#include "chip/reg.hpp"

namespace chip {

/** Handshake of an endpoint's direction (RM0008 tables 172 and 175). */
enum class Stat : std::uint16_t { disabled = 0, stall = 1, nak = 2, valid = 3 };

/** A value read from EP0R, or about to be written to it: endpoint 0, a control endpoint. */
struct Epr {
    static constexpr std::uint16_t CTR_RX = 0x8000, DTOG_RX = 0x4000, STAT_RX = 0x3000, SETUP = 0x0800;
    static constexpr std::uint16_t CONTROL = 0x0200, CTR_TX = 0x0080, DTOG_TX = 0x0040, STAT_TX = 0x0030, EA = 0x000F;

    std::uint16_t value;

    constexpr bool has(std::uint16_t bits) const { return (value & bits) != 0; }

    /**
     * Written back, leaves both STAT as given, and clears those CTR bits that were set when this was read. A CTR that
     * has been set since is kept, and so is a STAT that was already as given when this was read; neither DTOG changes.
     * @param stats  see stats()
     */
    constexpr Epr served(unsigned stats) const {
        // Where a STAT differs a 1 toggles it; where a CTR was 0 a 1 leaves it alone.
        const std::uint32_t turned = value ^ stats ^ stats << 12;
        return {static_cast<std::uint16_t>(turned & ~std::uint32_t{DTOG_RX | SETUP | DTOG_TX | EA})};
    }
    /**
     * Two handshakes in a byte: that for IN, with CTR_TX, where EPnR has them, and that for OUT, with CTR_RX, twelve
     * bits below. Bits 2 and 6 are free.
     */
    static constexpr std::uint8_t stats(Stat tx, Stat rx) {
        return static_cast<std::uint8_t>(CTR_TX | CTR_RX >> 12 | static_cast<unsigned>(tx) << 4 |
                                         static_cast<unsigned>(rx));
    }
};
static_assert(Epr{0xEA60}.served(Epr::stats(Stat::stall, Stat::valid)).value == 0x12B0);
static_assert(Epr{0x3280}.served(Epr::stats(Stat::valid, Stat::valid)).value == 0x8230);

struct UsbRegisters {
    struct {
        volatile std::uint16_t half_word;
        std::uint16_t gap;
    } EPR[8];
    Reserved<8> gap;
    volatile std::uint32_t CNTR;
    volatile std::uint32_t ISTR;
    volatile std::uint32_t FNR;
    volatile std::uint32_t DADDR;
    volatile std::uint32_t BTABLE;
};
static_assert(sizeof(UsbRegisters) == 0x54);
inline constexpr At<UsbRegisters, 0x4000'5C00> usb;

namespace usb_bits {
inline constexpr std::uint32_t CNTR_FRES = 1u << 0, CNTR_PDWN = 1u << 1;
inline constexpr std::uint32_t ISTR_CTR = 1u << 15, ISTR_RESET = 1u << 10;
inline constexpr std::uint32_t DADDR_EF = 1u << 7;
}  // namespace usb_bits

/** 512 bytes of packet memory, as 256 half-words on a 32-bit stride (RM0008 section 23.4.2). */
struct PacketMemory {
    volatile std::uint32_t half_word[256];
};
inline constexpr At<PacketMemory, 0x4000'6000> packet_memory;

}  // namespace chip
