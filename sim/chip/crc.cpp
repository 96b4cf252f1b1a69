// SPDX-License-Identifier: ISC
// The CRC unit, a bit at a time (RM0008 4.3).
#include "sim/chip/crc.hpp"

namespace sim::chip {

Crc::Crc(Services& services)
    : Peripheral(services, {.name = "CRC",
                            .base = 0x4002'3000,
                            .widths = any_width,
                            .gate = Gate::ahb,
                            .gate_bit = 6,
                            .reset_bit = false}),
      state(services) {}

std::uint32_t Crc::read(std::uint32_t offset) {
    switch (offset) {
        case 0x00:
            return state.dr;
        case 0x04:
            return state.idr;
        case 0x08:
            return 0;
        default:
            return reserved(offset);
    }
}

void Crc::write(std::uint32_t offset, std::uint32_t value, std::uint32_t) {
    constexpr std::uint32_t polynomial = 0x04c1'1db7;
    services_.side_effect = true;
    switch (offset) {
        case 0x00:
            state.dr ^= value;
            for (int step = 0; step < 32; ++step)
                state.dr = (state.dr << 1) ^ ((state.dr & bit(31)) != 0 ? polynomial : 0);
            return;
        case 0x04:
            state.idr = value & 0xff;
            return;
        case 0x08:
            if (check_reserved("CRC_CR", value, 1) != 0) state.dr = 0xffff'ffff;
            return;
        default:
            reserved(offset);
    }
}

}  // namespace sim::chip
