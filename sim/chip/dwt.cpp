// SPDX-License-Identifier: ISC
// DWT_CTRL, DWT_CYCCNT and the comparators. ARMv7-M ARM C1.8.7 to C1.8.17.
#include "sim/chip/dwt.hpp"

#include <fmt/format.h>

namespace sim::chip {

namespace {
constexpr std::uint32_t ctrl = 0x00, cyccnt = 0x04, other_counters = 0x20, first_comparator = 0x20, end = 0x60;
constexpr std::uint32_t matched = bit(24), function_bits = 0xf, largest_mask = 15;
enum Function : std::uint32_t { off = 0, at_instruction = 4, at_read = 5, at_write = 6, at_access = 7 };

bool halts_on_data(std::uint32_t function) {
    return (function & function_bits) >= at_read && (function & function_bits) <= at_access;
}
}  // namespace

Dwt::Dwt(Services& services)
    : Peripheral(services, {.name = "DWT",
                            .base = 0xe000'1000,
                            .widths = word,
                            .gate = Gate::always,
                            .reset_bit = false,
                            .bytes = 0x1000}),
      state(services) {}

std::uint32_t Dwt::cycle_count() const {
    if ((state.ctrl & 1) == 0) return state.base;
    return state.base + static_cast<std::uint32_t>(services_.clock.cycles - state.base_cycle);
}

std::uint32_t Dwt::read(std::uint32_t offset) {
    if (offset == ctrl) return state.ctrl;
    if (offset == cyccnt) {
        services_.side_effect = true;
        return cycle_count();
    }
    if (offset < first_comparator || offset >= end) return 0;  // the counters of other events stand at zero
    DwtState::Comparator& comparator = state.comparators[(offset - first_comparator) / 16];
    switch (offset % 16) {
        case 0x0:
            return comparator.address;
        case 0x4:
            return comparator.mask;
        case 0x8: {
            const std::uint32_t value = comparator.function;
            comparator.function &= ~matched;  // cleared by reading
            return value;
        }
        default:
            return 0;
    }
}

void Dwt::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    if (offset == ctrl) {
        state.base = cycle_count();
        state.base_cycle = services_.clock.cycles;
        state.ctrl = merge(state.ctrl, value, tracing() ? mask & 1 : 0);
        return;
    }
    if (offset == cyccnt) {
        state.base = value;
        state.base_cycle = services_.clock.cycles;
        return;
    }
    if (offset < other_counters) return;
    if (offset >= end) {
        reserved(offset);
        return;
    }
    if (!tracing()) return;
    const std::uint32_t number = (offset - first_comparator) / 16;
    DwtState::Comparator& comparator = state.comparators[number];
    switch (offset % 16) {
        case 0x0:
            comparator.address = merge(comparator.address, value, mask);
            break;
        case 0x4:
            // A tool finds the largest mask by writing ones and reading back.
            comparator.mask = std::min(merge(comparator.mask, value, mask) & 0x1f, largest_mask);
            break;
        case 0x8:
            comparator.function = merge(comparator.function, value, mask) & ~matched;
            if ((comparator.function & ~function_bits) != 0 || (comparator.function & function_bits) > at_access ||
                ((comparator.function & function_bits) != off &&
                 (comparator.function & function_bits) < at_instruction))
                services_.complain(fmt::format("DWT_FUNCTION{}: 0x{:x} is not modelled, only 0 and 4 to 7 are", number,
                                               comparator.function));
            break;
        default:
            break;
    }
    changed();
}

bool Dwt::watches_data() const {
    for (const DwtState::Comparator& comparator : state.comparators) {
        if (halts_on_data(comparator.function)) return true;
    }
    return false;
}

bool Dwt::matches(std::uint32_t address, unsigned size, bool is_write) {
    bool any = false;
    for (DwtState::Comparator& comparator : state.comparators) {
        const std::uint32_t function = comparator.function & function_bits;
        if (!halts_on_data(function) || function == (is_write ? at_read : at_write)) continue;
        const std::uint32_t watched = std::uint32_t{1} << comparator.mask;
        const std::uint32_t first = comparator.address & ~(watched - 1);
        const bool overlaps = address < std::uint64_t{first} + watched && first < std::uint64_t{address} + size;
        if (!overlaps) continue;
        comparator.function |= matched;
        any = true;
    }
    return any;
}

std::vector<std::uint32_t> Dwt::breakpoints() const {
    std::vector<std::uint32_t> all;
    for (const DwtState::Comparator& comparator : state.comparators) {
        if ((comparator.function & function_bits) == at_instruction) all.push_back(comparator.address & ~1u);
    }
    return all;
}

}  // namespace sim::chip
