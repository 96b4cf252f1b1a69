// SPDX-License-Identifier: ISC
// External interrupts (RM0008 10.3). Lines 0 to 15 are pins, 16 PVD, 17 RTC, 18 USB wake-up.
#pragma once

#include <array>

#include "sim/chip/peripheral.hpp"

namespace sim::chip {

struct ExtiState {
    std::uint32_t imr = 0, emr = 0, rtsr = 0, ftsr = 0, swier = 0, pr = 0;
};

class Exti : public Peripheral {
  public:
    explicit Exti(Services& services);
    State<ExtiState> state;
    std::function<void()> event;  ///< A WFE wakes.
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void edge(unsigned line, bool rising);

  private:
    void trigger(std::uint32_t lines);
    void update_lines();
    /// An interrupt and the lines that share it.
    struct Output {
        std::uint32_t lines;
        InterruptLine interrupt;
    };
    std::array<Output, 10> outputs_;
};

}  // namespace sim::chip
