// SPDX-License-Identifier: ISC
// SysTick (ARMv7-M ARM B3.3).
#pragma once

#include "sim/chip/peripheral.hpp"

namespace sim::chip {

struct SysTickState {
    std::uint32_t ctrl = 0, load = 0;
    std::uint32_t value = 0;  ///< At `at`.
    bool count_flag = false;
    Time at{};
};

class SysTick {
  public:
    explicit SysTick(Services& services)
        : state(services), services_(services), zero_(services, [this] { on_alarm(); }) {}
    State<SysTickState> state;
    std::function<void()> pend;
    std::uint32_t read(std::uint32_t offset);
    void write(std::uint32_t offset, std::uint32_t value);
    void latch();
    void rearm();
    void reset();

  private:
    std::uint32_t hz() const { return (state.ctrl & 4) != 0 ? services_.clock.hz() : services_.clock.hz() / 8; }
    std::int64_t ticks_to_zero() const;
    void on_alarm();
    Services& services_;
    Alarm zero_;
};

}  // namespace sim::chip
