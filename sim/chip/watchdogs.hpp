// SPDX-License-Identifier: ISC
// IWDG and WWDG (RM0008 19, 20).
#pragma once

#include "sim/chip/services.hpp"

namespace sim::chip {

struct IwdgState {
    bool running = false, unlocked = false;
    std::uint32_t pr = 0, rlr = 0xfff;
    Time loaded_at{};
};
/// Independent watchdog on the 40 kHz LSI.
class Iwdg : public Peripheral {
  public:
    using Peripheral::Peripheral;
    IwdgState state;
    std::function<void()> force_lsi;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void start();  ///< By key, or by the option byte at reset.
    void on_alarm() { services_.request_reset(ResetCause::independent_watchdog); }

  private:
    void reload();
};

struct WwdgState {
    bool running = false;
    std::uint32_t cfr = 0x7f;
    std::uint32_t counter = 0x7f;  ///< At `at`.
    bool early_flag = false;
    Time at{};
};
/// Window watchdog on PCLK1.
class Wwdg : public Peripheral {
  public:
    using Peripheral::Peripheral;
    WwdgState state;
    std::function<std::uint32_t()> pclk1_hz;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void on_alarm();
    void take_stock();  ///< Before the clock changes.
    void rearm();       ///< After it has changed.

  private:
    std::uint32_t tick_hz() const;
    std::uint32_t count() const;
    void update_line();
};

}  // namespace sim::chip
