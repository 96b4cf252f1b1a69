// SPDX-License-Identifier: ISC
// CRC-32 of whole words, polynomial 0x04C11DB7 (RM0008 4).
#pragma once

#include "sim/chip/peripheral.hpp"

namespace sim::chip {

struct CrcState {
    std::uint32_t dr = 0xffff'ffff, idr = 0;
};

class Crc : public Peripheral {
  public:
    explicit Crc(Services& services);
    State<CrcState> state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override { state = {}; }
};

}  // namespace sim::chip
