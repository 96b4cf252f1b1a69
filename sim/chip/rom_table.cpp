// SPDX-License-Identifier: ISC
// Entries: offsets from the table, bit 0 for those that are there, bit 1 for their 32 bits.
#include "sim/chip/rom_table.hpp"

#include <array>

namespace sim::chip {

std::uint32_t RomTable::read(std::uint32_t offset) {
    constexpr std::uint32_t memory_type = 0xfcc;
    static constexpr std::array<std::uint32_t, 6> entries{0xfff0'f003,   // SCS
                                                          0xfff0'2003,   // DWT
                                                          0xfff0'3003,   // FPB
                                                          0xfff0'1003,   // ITM
                                                          0xfff4'1003,   // TPIU
                                                          0xfff4'2002};  // ETM, not there
    if (offset / 4 < entries.size()) return entries[offset / 4];
    if (offset == memory_type) return 1;  // system memory is on this bus, too
    return offset < first_identification ? 0 : identification(offset, 0x0a'0410, 0xb105'100d);
}

}  // namespace sim::chip
