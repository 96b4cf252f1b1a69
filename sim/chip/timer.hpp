// SPDX-License-Identifier: ISC
// TIM2 to TIM4 as up-counting time bases with update interrupt and one-pulse mode (RM0008 15.3.2). Channels are not
// modelled: their registers complain.
#pragma once

#include "sim/chip/peripheral.hpp"
#include "sim/chip/rcc.hpp"

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
    Timer(Services& services, const Rcc& rcc, const Place& place, unsigned interrupt)
        : Peripheral(services, place),
          state(services),
          rcc_(rcc),
          overflow_(services, [this] { on_overflow(); }),
          line_(services, interrupt) {}
    State<TimerState> state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void latch() override;
    void rearm() override;

  private:
    /// Counts: CEN is set, the clock gate open, and RCC does not hold it in reset.
    bool running() const;
    std::int64_t raw_ticks() const;
    void on_overflow();
    void update_event(bool by_software);
    void update_line();
    const Rcc& rcc_;
    Alarm overflow_;
    InterruptLine line_;
};

}  // namespace sim::chip
