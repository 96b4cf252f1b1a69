// SPDX-License-Identifier: ISC
// Power control (RM0008 5.4).
#pragma once

#include "sim/chip/peripheral.hpp"

namespace sim::chip {

struct PwrState {
    std::uint32_t cr = 0, csr = 0;
};

class Pwr : public Peripheral {
  public:
    explicit Pwr(Services& services);
    State<PwrState> state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override { state = {}; }
    bool backup_writable() const { return (state.cr & bit(8)) != 0; }
};

}  // namespace sim::chip
