// SPDX-License-Identifier: ISC
// USART1 and USART2, transmitter only: bytes are handed to whoever listens, at the configured rate (RM0008 27).
#pragma once

#include "sim/chip/services.hpp"

namespace sim::chip {

struct UsartState {
    std::uint32_t brr = 0, cr1 = 0, cr2 = 0, cr3 = 0, gtpr = 0;
    bool txe = true, tc = true;
    bool shifting = false;
    std::uint8_t waiting = 0;
};

class Usart : public Peripheral {
  public:
    Usart(Services& services, Alarm alarm, Irq irq) : Peripheral(services), alarm_(alarm), irq_(irq) {}
    UsartState state;
    std::function<std::uint32_t()> clock_hz;
    std::function<void(std::uint8_t)> sent;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void on_alarm();

  private:
    void shift(std::uint8_t byte);
    void update_line();
    Alarm alarm_;
    Irq irq_;
};

}  // namespace sim::chip
