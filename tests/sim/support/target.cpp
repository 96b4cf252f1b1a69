// SPDX-License-Identifier: ISC
// The table of bootloaders under test.
#include "tests/sim/support/target.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "sim/usb/bus_timing.hpp"
#include "tests/support/paths.hpp"

namespace sim::test {
namespace {

// A Blue Pill looks at a jumper; the key of the SKR Mini has 20 ms to settle.
constexpr Time at_once = 200 * microsecond, after_key = 27 * millisecond;

const std::array targets{
    Target{"bluepill", "bluepill", 128, 1024, 0x0800'2000, 0x0802'0000, false, 2048, 1, 0x4F42, at_once},
    // Its bootloader asks the chip for its size.
    Target{"maplemini", "maplemini", 64, 1024, 0x0800'2000, 0x0801'0000, false, 2048, 1, 0x4F42, at_once},
    Target{"bttskrminie3v2", "bttskrminie3v2", 256, 2048, 0x0800'2000, 0x0804'0000, false, 2048, 10, 1, after_key},
    Target{"bluepill-high", "bluepill", 64, 1024, 0x0800'0000, 0x0800'F000, true, 2048, 1, 0x4F42, at_once},
    Target{"bluepill-high-128", "bluepill", 128, 1024, 0x0800'0000, 0x0801'F000, true, 2048, 1, 0x4F42, at_once},
    Target{"bttskrminie3v2-high-256", "bttskrminie3v2", 256, 2048, 0x0800'0000, 0x0803'E800, true, 2048, 10, 1,
           after_key},
};

}  // namespace

const Target& target(std::string_view name) {
    const auto found = std::ranges::find(targets, name, &Target::name);
    if (found == targets.end()) throw std::out_of_range("no target " + std::string(name));
    return *found;
}

std::string identifier(std::string name) {
    std::ranges::replace(name, '-', '_');
    return name;
}

std::filesystem::path Target::elf() const {
    return test_paths::firmware("dapboot-" + name + ".elf");
}

Board Target::make_board() const {
    Board made = *find_board(board);
    made.chip = with_flash_size(made.chip, flash_kib);
    return made;
}

}  // namespace sim::test
