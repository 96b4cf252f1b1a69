// SPDX-License-Identifier: ISC
// Window watchdog on PCLK1 (RM0008 20).
#pragma once

#include "sim/chip/peripheral.hpp"
#include "sim/chip/rcc.hpp"

namespace sim::chip {

struct WwdgState {
    bool running = false;
    std::uint32_t cfr = 0x7f;
    std::uint32_t counter = 0x7f;  ///< At `at`.
    bool early_flag = false;
    Time at{};
};

class Wwdg : public Peripheral {
  public:
    Wwdg(Services& services, const Rcc& rcc);
    State<WwdgState> state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void latch() override;
    void rearm() override;

  private:
    void on_alarm();
    std::int64_t periods() const;
    std::uint32_t count() const;
    void update_line();
    const Rcc& rcc_;
    Alarm alarm_;
    InterruptLine line_;
};

}  // namespace sim::chip
