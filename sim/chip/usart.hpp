// SPDX-License-Identifier: ISC
// USART1 and USART2, transmitter only: bytes go to whoever listens, at the configured rate (RM0008 27).
#pragma once

#include "sim/chip/peripheral.hpp"
#include "sim/chip/rcc.hpp"

namespace sim::chip {

struct UsartState {
    std::uint32_t brr = 0, cr1 = 0, cr2 = 0, cr3 = 0, gtpr = 0;
    bool txe = true, tc = true;
    bool shifting = false;
    std::uint8_t waiting = 0;
};

class Usart : public Peripheral {
  public:
    Usart(Services& services, const Rcc& rcc, const Place& place, unsigned interrupt)
        : Peripheral(services, place),
          state(services),
          rcc_(rcc),
          frame_sent_(services, [this] { on_frame_sent(); }),
          line_(services, interrupt) {}
    State<UsartState> state;
    std::function<void(std::uint8_t)> sent;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;

  private:
    void shift(std::uint8_t byte);
    void on_frame_sent();
    void update_line();
    const Rcc& rcc_;
    Alarm frame_sent_;
    InterruptLine line_;
};

}  // namespace sim::chip
