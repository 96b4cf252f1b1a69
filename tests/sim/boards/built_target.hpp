// SPDX-License-Identifier: ISC
// Every target and variant that is built, with what its users know of it. Written down from the boards' documentation,
// not from the firmware's tables, so that a mistake there shows here.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sim/support/bench.hpp"

namespace sim::test {

struct BuiltTarget {
    Target target;
    unsigned alternate = 0;       ///< The alternate setting that speaks DFU.
    bool will_detach = true;      ///< Leaves for the application by itself.
    bool asks_chip = false;       ///< Believes the chip's size register.
    bool swj_off = false;         ///< LED or button sit on debug pins.
    std::uint32_t ram_limit = 0;  ///< Bytes that it may use, stack included.
    bool key = false;             ///< Its button is a key, which may have a capacitor; no jumper.

    [[nodiscard]] Board board() const;
    /// Its board, with a key that bounces for 12 ms.
    [[nodiscard]] Board board_with_slow_key() const;
};

[[nodiscard]] const std::vector<BuiltTarget>& built_targets();
/// Those for which `holds` does, for instantiating tests.
[[nodiscard]] std::vector<BuiltTarget> built_targets_where(bool (*holds)(const BuiltTarget&));

/// For names of tests.
[[nodiscard]] std::string name_of(const testing::TestParamInfo<BuiltTarget>& info);
std::ostream& operator<<(std::ostream& out, const BuiltTarget& built);

}  // namespace sim::test
