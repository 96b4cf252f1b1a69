// SPDX-License-Identifier: ISC
// DHCSR, DCRSR, DCRDR, DEMCR. ARMv7-M ARM C1.6.2 to C1.6.5.
#include "sim/chip/debug.hpp"

namespace sim::chip {

namespace {
enum Offset : std::uint32_t { dhcsr = 0x0, dcrsr = 0x4, dcrdr = 0x8, demcr = 0xc };
constexpr std::uint32_t debug_key = 0xa05f;
constexpr std::uint32_t c_debugen = bit(0), c_halt = bit(1), c_step = bit(2), c_maskints = bit(3);
constexpr std::uint32_t register_ready = bit(16), write_register = bit(16);
// Vector catch bits, the monitor's and TRCENA.
constexpr std::uint32_t demcr_mask = vector_catch::core_reset | vector_catch::all_faults | 0x010f'0000;
}  // namespace

Debug::Debug(Services& services)
    : Peripheral(services, {.name = "debug control",
                            .base = 0xe000'edf0,
                            .widths = word,
                            .gate = Gate::always,
                            .reset_bit = false,
                            .bytes = 0x10}),
      state(services) {}

std::uint32_t Debug::read(std::uint32_t offset) {
    switch (offset) {
        case dhcsr: {
            const std::uint32_t value = (state.enabled ? c_debugen : 0) | (state.halt_wanted ? c_halt : 0) |
                                        (state.step ? c_step : 0) | (state.mask_interrupts ? c_maskints : 0) |
                                        register_ready | (state.halted ? bit(17) : 0) | (sleeping() ? bit(18) : 0) |
                                        (state.locked_up ? bit(19) : 0) | (state.retired ? bit(24) : 0) |
                                        (state.reset_seen ? bit(25) : 0);
            state.retired = state.reset_seen = false;  // sticky until read
            return value;
        }
        case dcrdr:
            return state.dcrdr;
        case demcr:
            return state.demcr;
        default:
            return 0;  // DCRSR is write-only
    }
}

void Debug::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    switch (offset) {
        case dhcsr:
            if (mask == 0xffff'ffff && value >> 16 == debug_key) write_control(value);
            return;
        case dcrsr: {
            if (!state.halted) return;  // UNPREDICTABLE: nothing happens
            const unsigned number = value & 0x1f;
            if ((value & write_register) != 0)
                write_core(number, state.dcrdr);
            else
                state.dcrdr = read_core(number);
            return;
        }
        case dcrdr:
            state.dcrdr = merge(state.dcrdr, value, mask);
            return;
        default:
            state.demcr = merge(state.demcr, value, mask & demcr_mask);
            return;
    }
}

void Debug::write_control(std::uint32_t value) {
    if (services_.probing) state.enabled = (value & c_debugen) != 0;
    state.halt_wanted = state.enabled && (value & c_halt) != 0;
    state.step = state.enabled && (value & c_step) != 0;
    state.mask_interrupts = state.enabled && (value & c_maskints) != 0;
    changed();
}

}  // namespace sim::chip
