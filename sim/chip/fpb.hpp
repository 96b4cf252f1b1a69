// SPDX-License-Identifier: ISC
// FPB, the flash patch and breakpoint unit (ARMv7-M ARM C1.11): six breakpoints on code below 0x20000000. Patching
// (remapping of instructions and literals into RAM) is not modelled.
#pragma once

#include "sim/chip/peripheral.hpp"

namespace sim::chip {

struct FpbState {
    bool enabled = false;
    std::array<std::uint32_t, 8> comparators{};  ///< Six for code, two for literals.
};

class Fpb : public Peripheral {
  public:
    static constexpr std::uint32_t code_comparators = 6, literal_comparators = 2;
    explicit Fpb(Services& services);
    State<FpbState> state;
    std::function<void()> changed = [] {};
    std::uint32_t read(std::uint32_t offset) override;  ///< From 0xE0002000.
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override {}  ///< A system reset leaves breakpoints in place.
    void power_lost() override {
        state = {};
        changed();
    }
    /// Addresses of half-words at which the core is to halt.
    [[nodiscard]] std::vector<std::uint32_t> breakpoints() const;
};

}  // namespace sim::chip
