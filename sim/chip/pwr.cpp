// SPDX-License-Identifier: ISC
// PWR_CR and PWR_CSR (RM0008 5.4).
#include "sim/chip/pwr.hpp"

namespace sim::chip {

Pwr::Pwr(Services& services)
    : Peripheral(services, {.name = "PWR", .base = 0x4000'7000, .gate = Gate::apb1, .gate_bit = 28}), state(services) {}

std::uint32_t Pwr::read(std::uint32_t offset) {
    switch (offset) {
        case 0x00:
            return state.cr;
        case 0x04:
            return state.csr;
        default:
            return reserved(offset);
    }
}

void Pwr::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    switch (offset) {
        case 0x00:
            value = check_reserved("PWR_CR", merge(state.cr, value, mask), 0x1ff);
            if ((value & bit(2)) != 0) state.csr &= ~bit(0);
            if ((value & bit(3)) != 0) state.csr &= ~bit(1);
            state.cr = value & ~(bit(2) | bit(3));
            return;
        case 0x04:
            state.csr = merge(state.csr, value, mask & bit(8));
            return;
        default:
            reserved(offset);
    }
}

}  // namespace sim::chip
