// SPDX-License-Identifier: ISC
// All targets of the one table, and what their boards are wired like.
#include "tests/sim/boards/built_target.hpp"

#include <algorithm>

#include "sim/usb/bus_timing.hpp"

namespace sim::test {
namespace {

std::vector<BuiltTarget> make_table() {
    std::vector<BuiltTarget> table;
    for (const Target& target : targets())
        table.push_back({.target = target,
                         .alternate = target.alternate,
                         .will_detach = target.will_detach,
                         .asks_chip = target.asks_chip,
                         .swj_off = target.swj_off,
                         .ram_limit = target.ram_limit(),
                         .key = target.key});
    return table;
}

}  // namespace

Board BuiltTarget::board() const {
    Board made = target.make_board();
    made.chip.page_bytes = target.page;  // the GD32 has larger pages than an ST part of its size
    return made;
}

Board BuiltTarget::board_with_slow_key() const {
    Board made = board();
    const bool has_resistor = !made.wiring.pulls.empty();
    constexpr double bounce = 12e-3;  // seconds, three times R*C
    constexpr double internal_pull = 40'000;
    if (has_resistor)
        made.wiring.pulls.front().farads = bounce / 3 / made.wiring.pulls.front().ohms;
    else
        made.wiring.pulls.push_back({.pin = made.wiring.button.pin,
                                     .to = !made.wiring.button.pressed,
                                     .ohms = 1e9,  // leakage: only the chip's own pull counts
                                     .farads = bounce / 3 / internal_pull});
    return made;
}

const std::vector<BuiltTarget>& built_targets() {
    static const std::vector<BuiltTarget> table = make_table();
    return table;
}

std::vector<BuiltTarget> built_targets_where(bool (*holds)(const BuiltTarget&)) {
    std::vector<BuiltTarget> found;
    std::ranges::copy_if(built_targets(), std::back_inserter(found), holds);
    return found;
}

std::string name_of(const testing::TestParamInfo<BuiltTarget>& info) {
    return identifier(info.param.target.name);
}

std::ostream& operator<<(std::ostream& out, const BuiltTarget& built) {
    return out << built.target.name;
}

}  // namespace sim::test
