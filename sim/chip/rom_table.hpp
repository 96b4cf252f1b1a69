// SPDX-License-Identifier: ISC
// The ROM table of the debug components (ARMv7-M ARM C1.2, ADIv5 chapter 14), which tools read to find them. What is in
// it on an STM32F103 is from a dump of one: github.com/blackmagic-debug/blackmagic, pull request 507.
#pragma once

#include "sim/chip/peripheral.hpp"

namespace sim::chip {

/// What a component says of itself at offsets 0xFD0 to 0xFFC: PIDR and CIDR, a byte a word.
constexpr std::uint32_t identification(std::uint32_t offset, std::uint64_t pidr, std::uint32_t cidr) {
    const unsigned number = (offset - 0xfd0) / 4;
    if (number >= 8) return cidr >> (8 * (number - 8)) & 0xff;
    return static_cast<std::uint32_t>(pidr >> (8 * (number ^ 4))) & 0xff;  // PIDR4 to PIDR7 come first
}
inline constexpr std::uint32_t first_identification = 0xfd0;

class RomTable : public Peripheral {
  public:
    explicit RomTable(Services& services)
        : Peripheral(services, {.name = "ROM table",
                                .base = 0xe00f'f000,
                                .widths = any_width,
                                .gate = Gate::always,
                                .reset_bit = false,
                                .bytes = 0x1000}) {}
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t, std::uint32_t, std::uint32_t) override {}
    void reset() override {}
};

}  // namespace sim::chip
