// SPDX-License-Identifier: ISC
// Backup registers (RM0008 6.4). They outlive every reset.
#pragma once

#include <array>

#include "sim/chip/peripheral.hpp"
#include "sim/chip/pwr.hpp"
#include "sim/chip/rcc.hpp"

namespace sim::chip {

struct BkpState {
    std::array<std::uint16_t, 42> dr{};
    std::uint16_t rtccr = 0, cr = 0, csr = 0;
};

class Bkp : public Peripheral {
  public:
    /// High density parts have 42 data registers, the others 10.
    Bkp(Services& services, const Pwr& pwr, const Rcc& rcc, bool high_density);
    State<BkpState> state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override {}
    void reset_backup_domain() override { state = {}; }
    int count() const { return count_; }

  private:
    std::uint16_t* at(std::uint32_t offset);
    const Pwr& pwr_;
    const Rcc& rcc_;
    int count_;
};

}  // namespace sim::chip
