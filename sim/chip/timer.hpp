// SPDX-License-Identifier: ISC
// TIM2 to TIM4 as up-counting time bases with update interrupt and one-pulse mode (RM0008 15.3.2). Channels are not
// modelled: their registers complain.
#pragma once

#include "sim/chip/services.hpp"

namespace sim::chip {

struct TimerState {
    std::uint32_t cr1 = 0, cr2 = 0, dier = 0, sr = 0;
    std::uint32_t psc = 0, arr = 0xffff;  ///< As written.
    std::uint32_t active_psc = 0,
                  active_arr = 0xffff;  ///< In use: psc, and arr with ARPE, wait for an update.
    std::uint32_t counter = 0;          ///< At `at`.
    Time at{};
};

class Timer : public Peripheral {
  public:
    Timer(Services& services, Alarm alarm, Irq irq) : Peripheral(services), alarm_(alarm), irq_(irq) {}
    TimerState state;
    std::function<std::uint32_t()> clock_hz;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void on_alarm();
    void take_stock();
    void rearm();

  private:
    bool running() const { return (state.cr1 & 1) != 0; }
    std::int64_t raw_ticks() const;
    void update_event(bool by_software);
    void update_line();
    Alarm alarm_;
    Irq irq_;
};

}  // namespace sim::chip
