// SPDX-License-Identifier: ISC
// The chip's memory as a probe sees it through the AHB access port (RM0008 31.8), without the port's own registers.
#pragma once

#include "sim/chip/core.hpp"

namespace sim::chip {

class AccessPort {
  public:
    AccessPort(Chip& chip, Core& core) : chip_(chip), core_(core) {}

    /// An access of 1, 2 or 4 bytes, `address` a multiple of the size. False: the bus answered with an error.
    bool read(std::uint32_t address, unsigned size, std::uint32_t& value);
    bool write(std::uint32_t address, unsigned size, std::uint32_t value);

  private:
    template <class Access>
    bool as_probe(const Access& access);
    [[nodiscard]] bool in_flash(std::uint32_t address) const;

    Chip& chip_;
    Core& core_;
};

}  // namespace sim::chip
