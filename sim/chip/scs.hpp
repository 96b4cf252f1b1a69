// SPDX-License-Identifier: ISC
// The private peripheral bus at 0xE0000000: registers of NVIC, SCB and SysTick.
#pragma once

#include "sim/chip/debug.hpp"
#include "sim/chip/exceptions.hpp"
#include "sim/chip/systick.hpp"

namespace sim::chip {

class Scs : public Peripheral {
  public:
    Scs(Services& services, Exceptions& exceptions, SysTick& systick, Debug& debug)
        : Peripheral(services, {.name = "private peripheral bus 0xE0000000",
                                .base = 0xe000'0000,
                                .widths = any_width,
                                .gate = Gate::always,
                                .reset_bit = false,
                                .bytes = 0x1'0000}),
          exceptions_(exceptions),
          systick_(systick),
          debug_(debug) {}
    std::uint32_t read(std::uint32_t offset) override;  ///< Offset from 0xE0000000.
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void latch() override { systick_.latch(); }
    void rearm() override { systick_.rearm(); }

  private:
    std::uint32_t read_scb(std::uint32_t offset);
    void write_scb(std::uint32_t offset, std::uint32_t value, std::uint32_t mask);
    std::uint32_t read_nvic(std::uint32_t offset);
    void write_nvic(std::uint32_t offset, std::uint32_t value, std::uint32_t mask);
    std::uint32_t icsr() const;
    Exceptions& exceptions_;
    SysTick& systick_;
    Debug& debug_;
};

}  // namespace sim::chip
