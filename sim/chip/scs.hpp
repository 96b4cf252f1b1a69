// SPDX-License-Identifier: ISC
// The private peripheral bus at 0xE0000000: registers of NVIC, SCB, SysTick, and the DWT cycle counter.
#pragma once

#include "sim/chip/exceptions.hpp"
#include "sim/chip/systick.hpp"

namespace sim::chip {

struct DwtState {
    std::uint32_t demcr = 0, ctrl = 0x4000'0000, base = 0;
    std::int64_t base_cycle = 0;
};

class Scs : public Peripheral {
  public:
    Scs(Services& services, Exceptions& exceptions, SysTick& systick)
        : Peripheral(services), exceptions_(exceptions), systick_(systick) {}
    DwtState dwt;
    std::uint32_t read(std::uint32_t offset) override;  ///< Offset from 0xE0000000.
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override { dwt = {}; }

  private:
    std::uint32_t read_scb(std::uint32_t offset);
    void write_scb(std::uint32_t offset, std::uint32_t value, std::uint32_t mask);
    std::uint32_t read_nvic(std::uint32_t offset);
    void write_nvic(std::uint32_t offset, std::uint32_t value, std::uint32_t mask);
    std::uint32_t icsr() const;
    std::uint32_t cycle_count() const;
    Exceptions& exceptions_;
    SysTick& systick_;
};

}  // namespace sim::chip
