// SPDX-License-Identifier: ISC
// DBGMCU_IDCODE and DBGMCU_CR (RM0008 31.6.1, 31.16.3).
#include "sim/chip/dbgmcu.hpp"

namespace sim::chip {

Dbgmcu::Dbgmcu(Services& services, std::uint32_t idcode)
    : Peripheral(
          services,
          {.name = "DBGMCU", .base = 0xe004'2000, .widths = any_width, .gate = Gate::always, .reset_bit = false}),
      state(services),
      idcode_(idcode) {}

std::uint32_t Dbgmcu::read(std::uint32_t offset) {
    switch (offset) {
        case 0x00:
            return idcode_;
        case 0x04:
            return state.cr;
        default:
            return reserved(offset);
    }
}

void Dbgmcu::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    if (offset == 0x04)
        state.cr = merge(state.cr, value, mask);
    else
        reserved(offset);
}

}  // namespace sim::chip
