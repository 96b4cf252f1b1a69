// SPDX-License-Identifier: ISC
// Alternate functions (RM0008 9.4).
#include "sim/chip/afio.hpp"

namespace sim::chip {

Afio::Afio(Services& services)
    : Peripheral(services, {.name = "AFIO", .base = 0x4001'0000, .widths = word, .gate = Gate::apb2, .gate_bit = 0}),
      state(services) {}

std::uint32_t Afio::read(std::uint32_t offset) {
    switch (offset) {
        case 0x00:
            return state.evcr;
        case 0x04:
            return state.mapr;
        case 0x08:
        case 0x0c:
        case 0x10:
        case 0x14:
            return state.exticr[(offset - 0x08) / 4];
        case 0x1c:
            return state.mapr2;
        default:
            return reserved(offset);
    }
}

void Afio::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    switch (offset) {
        case 0x00:
            state.evcr = check_reserved("AFIO_EVCR", merge(state.evcr, value, mask), 0xff);
            return;
        case 0x04:
            state.mapr = merge(state.mapr, value, mask) & 0x001f'ffff;
            if ((mask & 0x0700'0000) != 0) {
                state.swj = field(value, 24, 3);
                debug_pins_changed();
            }
            return;
        case 0x08:
        case 0x0c:
        case 0x10:
        case 0x14: {
            std::uint32_t& exticr = state.exticr[(offset - 0x08) / 4];
            exticr = check_reserved("AFIO_EXTICR", merge(exticr, value, mask), 0xffff);
            return;
        }
        case 0x1c:
            state.mapr2 = merge(state.mapr2, value, mask);
            return;
        default:
            reserved(offset);
    }
}

void Afio::reset() {
    state = {};
    debug_pins_changed();
}

bool Afio::claimed_by_debug(Pin pin) const {
    // RM0008 table 36. 0: all five pins; 1: without NJTRST; 2: serial wire only; 4: none.
    if (state.swj >= 4) return false;
    const bool serial_wire = pin == Pin{'A', 13} || pin == Pin{'A', 14};
    const bool jtag = pin == Pin{'A', 15} || pin == Pin{'B', 3};
    const bool njtrst = pin == Pin{'B', 4};
    return serial_wire || (jtag && state.swj < 2) || (njtrst && state.swj == 0);
}

char Afio::exti_port(unsigned number) const {
    return static_cast<char>('A' + field(state.exticr[number / 4], 4 * (number % 4), 4));
}

}  // namespace sim::chip
