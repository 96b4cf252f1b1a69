// SPDX-License-Identifier: ISC
// Alternate functions and the debug port's pins (RM0008 9.4).
#pragma once

#include <array>

#include "sim/chip/peripheral.hpp"
#include "sim/chip/wiring.hpp"

namespace sim::chip {

struct AfioState {
    std::uint32_t evcr = 0, mapr = 0, mapr2 = 0;
    std::uint32_t swj = 0;  ///< SWJ_CFG, write-only in MAPR.
    std::array<std::uint32_t, 4> exticr{};
};

class Afio : public Peripheral {
  public:
    explicit Afio(Services& services);
    State<AfioState> state;
    std::function<void()> debug_pins_changed;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    bool claimed_by_debug(Pin pin) const;
    /// Port that line `number` of EXTI listens to: 'A' to 'G'.
    char exti_port(unsigned number) const;
};

}  // namespace sim::chip
