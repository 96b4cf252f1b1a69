// SPDX-License-Identifier: ISC
// Independent watchdog on the LSI (RM0008 19).
#pragma once

#include "sim/chip/peripheral.hpp"
#include "sim/chip/rcc.hpp"

namespace sim::chip {

struct IwdgState {
    bool running = false, unlocked = false;
    std::uint32_t pr = 0, rlr = 0xfff;
    Time loaded_at{};
};

class Iwdg : public Peripheral {
  public:
    Iwdg(Services& services, Rcc& rcc);
    State<IwdgState> state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void start();  ///< By key, or by the option byte at reset.

  private:
    void reload();
    Rcc& rcc_;
    Alarm expiry_;
};

}  // namespace sim::chip
