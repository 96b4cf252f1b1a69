// SPDX-License-Identifier: ISC
// The sweep: an update made through real USB requests is recorded, flash operation by flash operation; then the power
// fails before, in the middle of and after every one of them, comes again, and the real bootloader shows what it makes
// of the flash that is left.
//
// A power failure takes everything but the flash (the boards have no battery), so replaying an update up to a cut is
// writing its operations into a flash. That this is what happens when the machine itself loses power in the running
// update is the matter of real_cut_test.cpp.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/support/bench.hpp"

namespace powerfail {

/// An update that a cut has left open before the one that is looked at begins.
struct LeftOpen {
    sim::test::Application old, next;
    std::size_t after;  ///< Operations.
};

struct Scenario {
    std::string name;
    sim::test::Target target;
    std::optional<sim::test::Application> old;  ///< Installed before; none: blank.
    sim::test::Application next;                ///< What the update brings.
    unsigned halves = 3;                        ///< Cuts in the middle of each operation, all different.
    unsigned downloads = 40;                    ///< Cuts after which a whole download is tried, at least.
    std::filesystem::path firmware{};           ///< Empty: the target's own.
    std::optional<LeftOpen> left_open{};        ///< Instead of `old`.
    bool read_protected = false;                ///< RDP is set in the option bytes.
};

struct Recording {
    std::vector<std::uint8_t> before;             ///< The flash, from 0x08000000.
    std::vector<sim::FlashOperation> operations;  ///< In their order.
    std::vector<sim::FlashOperation> trespasses;  ///< Those outside of the application's region.
    bool boots = false;                           ///< The update ended in a running application.
    std::optional<flasher::DfuStatus> refused;    ///< Or in this.
};

/// Makes the update on a board and writes down what the flash sees.
[[nodiscard]] Recording record(const Scenario& scenario);

/// What came of all the cuts of a scenario. Each cut is counted in one of old to other.
struct Tally {
    std::size_t operations = 0;
    std::size_t cuts = 0;
    std::size_t old_whole = 0, new_whole = 0, bootloader = 0;
    /// The chip does not start: only in the high-memory layout, between the erase of page 0 and the
    /// second half-word after it.
    std::size_t dark = 0;
    std::size_t other = 0;
    std::size_t boots = 0;      ///< Different flash contents that were powered on.
    std::size_t downloads = 0;  ///< Of the bootloaders: those that a whole download was tried on.
    std::string first_other;    ///< Where the first of the others was found.

    [[nodiscard]] std::string line(const Scenario& scenario) const;
    static std::string heading();
};

/// A part of the table that report.cmake puts together; each case that ran leaves its line there.
enum class Part : std::uint8_t {
    sweep,    ///< The bootloader as it is.
    mutants,  ///< With one mechanism turned off, where `other` must not be 0.
};
/// Prints the line, and leaves it in the folder of the report.
void report(Part part, const Scenario& scenario, const Tally& tally);
/// Leaves a sentence that follows the table.
void report(const std::string& name, const std::string& sentence);

[[nodiscard]] Tally sweep(const Scenario& scenario, const Recording& recording);

}  // namespace powerfail
