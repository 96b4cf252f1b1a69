// SPDX-License-Identifier: ISC
// FP_CTRL and FP_COMPn. ARMv7-M ARM C1.11.3 to C1.11.5.
#include "sim/chip/fpb.hpp"

#include <fmt/format.h>

#include "sim/chip/rom_table.hpp"

namespace sim::chip {

namespace {
constexpr std::uint32_t control = 0x0, remap = 0x4, first_comparator = 0x8;
constexpr std::uint32_t enable = bit(0), key = bit(1);
constexpr std::uint32_t comparator_mask = 0xdfff'fffd;  // REPLACE, COMP 28:2, ENABLE
}  // namespace

Fpb::Fpb(Services& services)
    : Peripheral(services, {.name = "FPB",
                            .base = 0xe000'2000,
                            .widths = word,
                            .gate = Gate::always,
                            .reset_bit = false,
                            .bytes = 0x1000}),
      state(services) {}

std::uint32_t Fpb::read(std::uint32_t offset) {
    const std::uint32_t number = (offset - first_comparator) / 4;
    if (offset >= first_comparator && number < state.comparators.size()) return state.comparators[number];
    if (offset == control) return literal_comparators << 8 | code_comparators << 4 | (state.enabled ? enable : 0);
    return offset < first_identification ? 0 : identification(offset, 0x04'000b'b003, 0xb105'e00d);
}

void Fpb::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    const std::uint32_t number = (offset - first_comparator) / 4;
    if (offset == control) {
        if ((value & key) == 0) return;  // ignored without KEY
        state.enabled = (value & enable) != 0;
    } else if (offset >= first_comparator && number < state.comparators.size()) {
        std::uint32_t& comparator = state.comparators[number];
        comparator = merge(comparator, value, mask) & comparator_mask;
        const bool patches = comparator >> 30 == 0 || number >= code_comparators;
        if ((comparator & enable) != 0 && patches)
            services_.complain(fmt::format("FP_COMP{}: remapping is not modelled", number));
    } else if (offset != remap) {
        reserved(offset);
    }
    changed();
}

std::vector<std::uint32_t> Fpb::breakpoints() const {
    std::vector<std::uint32_t> all;
    if (!state.enabled) return all;
    for (std::size_t number = 0; number < code_comparators; ++number) {
        const std::uint32_t comparator = state.comparators[number];
        if ((comparator & enable) == 0) continue;
        const std::uint32_t word = comparator & 0x1fff'fffc;
        if ((comparator & bit(30)) != 0) all.push_back(word);      // REPLACE 01 or 11: the lower half-word
        if ((comparator & bit(31)) != 0) all.push_back(word + 2);  // 10 or 11: the upper one
    }
    return all;
}

}  // namespace sim::chip
