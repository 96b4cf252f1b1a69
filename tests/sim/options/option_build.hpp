// SPDX-License-Identifier: ISC
// A build with other options than the board's own, on a virtual board to match.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "flasher/device_info.hpp"
#include "sim/usb/bus_timing.hpp"
#include "tests/sim/support/bench.hpp"

namespace sim::test {

/// The image of a line of builds.txt, such as "led-none".
[[nodiscard]] std::filesystem::path built(const std::string& name, const std::string& extension);

/// Boards to start from: a Blue Pill, a chip with nothing around it, and so on (sim/board/boards.hpp).
[[nodiscard]] Board board_named(const std::string& id);
/// What users know of a standard build for `board`.
[[nodiscard]] Target standard_target(const std::string& board = "bluepill");

/// A bench for each build that a test looks at.
class OptionsTest : public testing::Test {
  protected:
    /// The build in the target's own place, and an application that fits it.
    Bench& use(const std::string& build, const Board& board, const Target& target);
    Bench& use(const std::string& build, const Board& board) { return use(build, board, standard_target(board.id)); }
    Bench& use(const std::string& build) { return use(build, board_named("bluepill")); }

    /// What the enumerated device says of itself.
    [[nodiscard]] flasher::DeviceInfo info() const { return flasher::read_device_info(*bench->transport); }
    /// bmAttributes of its DFU interface. All off when there is none.
    [[nodiscard]] flasher::DfuAttributes attributes() const {
        return info().configuration.interfaces.at(0).functional.value_or(flasher::DfuFunctional{}).attributes;
    }
    /// Downloads, lets the application start, and checks that it did and that nothing was harmed.
    void expect_update_works(std::size_t size = 5'000);

    std::unique_ptr<Bench> bench;
    Application application;
};

}  // namespace sim::test
