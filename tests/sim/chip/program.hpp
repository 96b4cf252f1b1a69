// SPDX-License-Identifier: ISC
// Loads one of the assembled programs into a machine and reads what it left at `results`.
#pragma once

#include <string>
#include <vector>

#include "sim/board/machine.hpp"
#include "tests/support/paths.hpp"

namespace sim::test {

inline constexpr std::uint32_t results = 0x2000'0100;
inline constexpr Time millisecond{1'000'000'000};
inline constexpr Time microsecond{1'000'000};

inline std::string program(const std::string& name) {
    return test_paths::built("tests/sim/chip/programs/" + name + ".elf");
}

inline std::uint32_t result(const Machine& machine, std::uint32_t number) {
    return machine.read_word(results + 4 * number);
}

/// Marks of the `mark` macro, in order.
inline std::vector<std::uint32_t> marks(const Machine& machine) {
    std::vector<std::uint32_t> all;
    for (std::uint32_t number = 1; number <= result(machine, 0); ++number)
        all.push_back(result(machine, number));
    return all;
}

}  // namespace sim::test
