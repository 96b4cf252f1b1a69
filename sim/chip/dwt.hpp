// SPDX-License-Identifier: ISC
// DWT, data watchpoints and the cycle counter (ARMv7-M ARM C1.8). Four comparators halt the core on an access to data
// or at an instruction; comparison of the value, counters but CYCCNT, and trace are not modelled.
#pragma once

#include "sim/chip/peripheral.hpp"

namespace sim::chip {

struct DwtState {
    std::uint32_t ctrl = 0x4000'0000, base = 0;
    std::int64_t base_cycle = 0;
    struct Comparator {
        std::uint32_t address = 0, mask = 0, function = 0;
    };
    std::array<Comparator, 4> comparators{};
};

class Dwt : public Peripheral {
  public:
    explicit Dwt(Services& services);
    State<DwtState> state;
    std::function<bool()> tracing;  ///< DEMCR.TRCENA
    std::function<void()> changed = [] {};
    std::uint32_t read(std::uint32_t offset) override;  ///< From 0xE0001000.
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override {}  ///< A system reset leaves watchpoints in place.
    void power_lost() override {
        state = {};
        changed();
    }
    /// A comparator waits for data. The core keeps the answer, which is asked before each access.
    [[nodiscard]] bool watches_data() const;
    /// The access hits a comparator; its MATCHED bit is set.
    bool matches(std::uint32_t address, unsigned size, bool is_write);
    /// Addresses of instructions at which the core is to halt.
    [[nodiscard]] std::vector<std::uint32_t> breakpoints() const;

  private:
    std::uint32_t cycle_count() const;
};

}  // namespace sim::chip
