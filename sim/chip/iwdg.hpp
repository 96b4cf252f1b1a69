// SPDX-License-Identifier: ISC
// Independent watchdog on the LSI (RM0008 19).
#pragma once

#include "sim/chip/peripheral.hpp"
#include "sim/chip/rcc.hpp"

namespace sim::chip {

struct IwdgState {
    bool running = false, unlocked = false;
    std::uint32_t pr = 0, rlr = 0xfff;                ///< As written.
    std::uint32_t active_pr = 0, active_rlr = 0xfff;  ///< As the counter knows them.
    Time loaded_at{};
    Time prescaler_taken_at{}, reload_taken_at{};  ///< When PVU and RVU fall.
};

class Iwdg : public Peripheral {
  public:
    Iwdg(Services& services, Rcc& rcc, std::uint32_t lsi_hz);
    State<IwdgState> state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void start();  ///< By key, or by the option byte at reset.

  private:
    void reload();
    Rcc& rcc_;
    std::uint32_t lsi_hz_;
    Alarm expiry_;
};

}  // namespace sim::chip
