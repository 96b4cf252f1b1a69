// SPDX-License-Identifier: ISC
// Debug MCU block (RM0008 31.16). DBGMCU_CR survives a system reset.
#pragma once

#include "sim/chip/peripheral.hpp"

namespace sim::chip {

struct DbgmcuState {
    std::uint32_t cr = 0;
};

class Dbgmcu : public Peripheral {
  public:
    Dbgmcu(Services& services, std::uint32_t idcode);
    State<DbgmcuState> state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override {}
    void power_lost() override { state = {}; }

  private:
    std::uint32_t idcode_;
};

}  // namespace sim::chip
