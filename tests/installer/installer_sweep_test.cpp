// SPDX-License-Identifier: ISC
// The power fails before, in the middle of and after every flash operation of an installation, and comes again. The
// chip then starts the installer, which begins anew, or the new bootloader; nothing else, but in the windows of page 0,
// which are measured here.
#include <iostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/chip/half_done.hpp"
#include "tests/installer/installation.hpp"
#include "tests/powerfail/sweep.hpp"

namespace installer_test {
namespace {

using sim::FlashOperation;
using sim::millisecond;
using sim::seconds;
using sim::Time;
using sim::test::identifier;
using sim::test::target;
using Bytes = std::vector<std::uint8_t>;

/// Operations that leave the chip without a start, from the erase of page 0 to the one that gives it one.
struct Window {
    std::size_t first, last;
    Time length;
};

/// By what the operations are, not by what comes of them: a window ends when page 0 has a whole start vector and, where
/// that is the new bootloader's, the rest of the page.
std::vector<Window> windows(const std::vector<FlashOperation>& operations, std::uint32_t page) {
    std::vector<Window> found;
    for (std::size_t at = 0; at < operations.size(); ++at) {
        if (operations[at].address != flash_base || operations[at].kind != FlashOperation::Kind::erase_page) continue;
        std::size_t last = at;
        for (std::size_t next = at + 1; next < operations.size() && operations[next].address < flash_base + page &&
                                        operations[next].kind == FlashOperation::Kind::program;
             ++next)
            last = next;
        found.push_back({at, last, operations[last].at + sim::typical_flash.program - operations[at].at});
    }
    return found;
}

struct Scenario {
    const char *target, *predecessor;
    unsigned halves;            ///< Cuts in the middle of each operation.
    std::size_t installs = 25;  ///< Cuts after which the whole installation is awaited, at least.
    std::size_t expected_windows;
};

struct Tally {
    std::size_t operations = 0, cuts = 0, resumed = 0, installed = 0, dark = 0, other = 0, whole = 0;
    std::string first_other;
};

class Sweep {
  public:
    Sweep(const Scenario& scenario, std::vector<FlashOperation> operations)
        : scenario_(scenario),
          on_(target(scenario.target)),
          board_(on_, stand_in(scenario.predecessor)),
          operations_(std::move(operations)),
          windows_(windows(operations_, on_.page)),
          flash_(board_.first_flash) {
        tally_.operations = operations_.size();
        board_.machine.set_flash_observer(nullptr);
    }

    Tally run() {
        Outcome before = judge(0, false, "before");
        for (std::size_t index = 0; index < operations_.size(); ++index) {
            count(before);
            before = cut_at(index, before);
        }
        return tally_;
    }

  private:
    enum class Outcome : std::uint8_t { resumes, installed, dark, other };

    /// Whether the chip may have no start when operation `index` is done, or half done.
    [[nodiscard]] bool may_be_dark(std::size_t index, bool done) const {
        return std::ranges::any_of(windows_, [&](const Window& window) {
            return index >= window.first && (done ? index < window.last : index <= window.last);
        });
    }

    /// Counts the cuts in the middle of and after an operation; returns the outcome of the latter.
    Outcome cut_at(std::size_t index, Outcome before) {
        const FlashOperation& operation = operations_[index];
        const bool erase = operation.kind == FlashOperation::Kind::erase_page;
        const std::size_t at = operation.address - flash_base, size = erase ? on_.page : 2;
        const Bytes old_cells(flash_.begin() + static_cast<std::ptrdiff_t>(at),
                              flash_.begin() + static_cast<std::ptrdiff_t>(at + size));
        Bytes new_cells(size, 0xFF);
        if (!erase) {
            new_cells[0] = static_cast<std::uint8_t>(operation.value);
            new_cells[1] = static_cast<std::uint8_t>(operation.value >> 8);
        }
        constexpr std::array probabilities{0.5, 0.03, 0.97};
        for (unsigned half = 0; half < scenario_.halves; ++half) {
            Bytes cells = new_cells;
            sim::chip::leave_half_done(old_cells, cells, probabilities[half % probabilities.size()],
                                       index * scenario_.halves + half);
            if (cells != old_cells) set(at, cells);
            count(cells == old_cells ? before : judge(index, may_be_dark(index, false), "in the middle of"));
        }
        set(at, new_cells);
        const Outcome after = judge(index, may_be_dark(index, true), "after");
        count(after);
        return after;
    }

    /// Powers the board on with flash_: does something start that ends in the new bootloader?
    Outcome judge(std::size_t index, bool may_be_dark, const char* when) {
        const FlashOperation& operation = operations_[index];
        const bool erase = operation.kind == FlashOperation::Kind::erase_page;
        Outcome outcome = start();
        if (outcome != Outcome::other && (erase || index % stride_ == 0)) {
            ++tally_.whole;
            if (!board_.ends_in_new()) outcome = Outcome::other;
            board_.machine.load_bytes(flash_base, flash_);
        }
        if (outcome != Outcome::other) return outcome;
        if (may_be_dark) return Outcome::dark;
        if (tally_.first_other.empty())
            tally_.first_other = fmt::format("{} operation {} ({} 0x{:08x})", when, index, erase ? "erase" : "program",
                                             operation.address);
        return Outcome::other;
    }

    /// Looks only at what the chip starts.
    Outcome start() {
        sim::Machine& machine = board_.machine;
        bool started = false;
        machine.power_off();
        machine.power_on();
        machine.on_execute(board_.entry, [&](Time) { started = true; });
        Outcome outcome = Outcome::other;
        try {
            machine.run_until(
                machine.now() + on_.decision + 30 * millisecond, [&] { return started; }, millisecond / 10);
            if (started)
                outcome = Outcome::resumes;
            else if (board_.holds_new() && on_.is_bootloader(machine.core_register(15)))
                outcome = Outcome::installed;
        } catch (const sim::MachineError&) {
            outcome = Outcome::other;
        }
        machine.clear_on_execute();
        return outcome;
    }

    void count(Outcome outcome) {
        ++tally_.cuts;
        tally_.resumed += outcome == Outcome::resumes;
        tally_.installed += outcome == Outcome::installed;
        tally_.dark += outcome == Outcome::dark;
        tally_.other += outcome == Outcome::other;
    }

    void set(std::size_t at, const Bytes& cells) {
        std::ranges::copy(cells, flash_.begin() + static_cast<std::ptrdiff_t>(at));
        board_.machine.load_bytes(flash_base + static_cast<std::uint32_t>(at), cells);
    }

    const Scenario scenario_;
    const sim::test::Target& on_;
    Installation board_;
    const std::vector<FlashOperation> operations_;
    const std::vector<Window> windows_;
    Bytes flash_;
    const std::size_t stride_ = std::max<std::size_t>(1, operations_.size() / scenario_.installs);
    Tally tally_;
};

std::vector<FlashOperation> record(const Scenario& scenario) {
    Installation board(target(scenario.target), stand_in(scenario.predecessor));
    board.machine.power_on();
    EXPECT_TRUE(board.ends_in_new());
    return board.recorder.operations;
}

class InstallerSweepTest : public testing::TestWithParam<Scenario> {};

TEST_P(InstallerSweepTest, ResumesOrIsInstalledOutsideOfItsWindows) {
    const Scenario& scenario = GetParam();
    const auto operations = record(scenario);
    ASSERT_FALSE(HasFailure());
    const auto open = windows(operations, target(scenario.target).page);
    ASSERT_EQ(open.size(), scenario.expected_windows);
    const Tally tally = Sweep(scenario, operations).run();
    EXPECT_EQ(tally.other, 0U) << tally.first_other;
    EXPECT_EQ(tally.cuts, tally.operations * (2 + scenario.halves));
    EXPECT_GT(tally.resumed, 0U);
    EXPECT_GT(tally.installed, 0U);
    EXPECT_GT(tally.dark, 0U);  // the windows are no wider than they are said to be, or this would be luck

    std::string lengths;
    for (const Window& window : open)
        lengths += fmt::format("{}{:.1f} ms ({} operations)", lengths.empty() ? "" : " and ",
                               seconds(window.length) * 1e3, window.last - window.first + 1);
    powerfail::report(
        fmt::format("installer-{}-{}", scenario.target, scenario.predecessor),
        fmt::format("installer of {} over {}: {} cuts, {} start the installer again, {} the new bootloader, {} "
                    "nothing, {} other; needs the ROM in {} of {:.0f} ms\n",
                    scenario.target, scenario.predecessor, tally.cuts, tally.resumed, tally.installed, tally.dark,
                    tally.other, lengths, seconds(operations.back().at - operations.front().at) * 1e3));
    // The shortest that flash allows: an erase, and the half-words that are programmed before the chip starts again.
    for (const Window& window : open) {
        const Time needed = sim::typical_flash.erase +
                            static_cast<std::int64_t>(window.last - window.first) * sim::typical_flash.program;
        EXPECT_GE(window.length, needed);
        EXPECT_LT(window.length, needed + needed / 10);
    }
    EXPECT_EQ(open.front().last - open.front().first, 2U) << "the first is an erase and two half-words";
}

INSTANTIATE_TEST_SUITE_P(
    All, InstallerSweepTest,
    testing::Values(Scenario{.target = "bluepill", .predecessor = "c-dapboot", .halves = 2, .expected_windows = 2},
                    Scenario{.target = "bluepill", .predecessor = "maple-5000", .halves = 1, .expected_windows = 2},
                    Scenario{.target = "bttskrminie3v2", .predecessor = "katapult", .halves = 1, .expected_windows = 2},
                    Scenario{
                        .target = "bluepill-high", .predecessor = "c-dapboot", .halves = 1, .expected_windows = 1}),
    [](const auto& named) { return identifier(std::string(named.param.target) + "_over_" + named.param.predecessor); });

TEST(InstallerSweepProof, FindsAnInstallerThatLeavesTheStartToABrokenBootloader) {
    // The same operations without the first two of page 0: the old vectors stand while the pages behind them change.
    const Scenario scenario{
        .target = "bluepill", .predecessor = "c-dapboot", .halves = 0, .installs = 1, .expected_windows = 1};
    auto operations = record(scenario);
    const auto redirect = std::ranges::find_if(operations, [](const FlashOperation& operation) {
        return operation.address == flash_base && operation.kind == FlashOperation::Kind::erase_page;
    });
    ASSERT_NE(redirect, operations.end());
    operations.erase(redirect, redirect + 3);
    // The rest of page 1 is enough to show it.
    operations.resize(60);
    EXPECT_GT(Sweep(scenario, operations).run().other, 0U);
}

}  // namespace
}  // namespace installer_test
