// SPDX-License-Identifier: ISC
// Recording, replaying, judging.
#include "tests/powerfail/sweep.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <span>

#include <fmt/format.h>

#include "sim/chip/half_done.hpp"
#include "tests/support/paths.hpp"

namespace powerfail {
namespace {

using sim::FlashOperation;
using sim::test::Application;
using sim::test::Bench;
using sim::test::Fate;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t flash_base = 0x0800'0000;

enum class Outcome : std::uint8_t { old_whole, new_whole, bootloader, dark, other };

constexpr std::array<std::uint8_t, 16> read_protection{0x00, 0xFF, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00,
                                                       0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00};

/// A board whose flash is led through an update, and judged wherever the power fails.
class Replay {
  public:
    Replay(const Scenario& scenario, const Recording& recording)
        : scenario_(scenario),
          recording_(recording),
          bench_(scenario.target, scenario.target.make_board(), {}, scenario.firmware),
          flash_(recording.before) {
        tally_.operations = recording.operations.size();
        if (scenario.read_protected) bench_.machine.set_option_bytes(read_protection);
        program_stride_ = std::max<std::size_t>(1, tally_.operations / scenario.downloads);
        show(0, flash_.size());
    }

    Tally run() {
        std::size_t index = 0;
        Outcome before = judge(index, "before", false);
        for (const FlashOperation& operation : recording_.operations) {
            enter_window(operation);
            count(before);
            before = cut_at(operation, index++, before);
        }
        return tally_;
    }

  private:
    /// Counts the cuts in the middle of and after an operation; returns the outcome of the latter.
    Outcome cut_at(const FlashOperation& operation, std::size_t index, Outcome outcome_before) {
        const bool erase = operation.kind == FlashOperation::Kind::erase_page;
        const std::size_t at = operation.address - flash_base;
        const std::size_t size = erase ? scenario_.target.page : 2;
        const auto range = std::span(flash_).subspan(at, size);
        const Bytes old_cells(range.begin(), range.end());
        Bytes new_cells(size, 0xFF);
        if (!erase) {
            new_cells[0] = static_cast<std::uint8_t>(operation.value);
            new_cells[1] = static_cast<std::uint8_t>(operation.value >> 8);
        }
        set(at, new_cells);
        const Outcome outcome_after = judge(index, "after", window_ > 1);
        count(outcome_after);

        // An operation that has hardly begun, one half done, one that is all but done.
        constexpr std::array probabilities{0.5, 0.03, 0.97, 0.25, 0.75};
        for (unsigned half = 0; half < scenario_.halves; ++half) {
            Bytes cells = new_cells;
            sim::chip::leave_half_done(old_cells, cells, probabilities[half % probabilities.size()],
                                       index * scenario_.halves + half);
            Outcome outcome;
            if (cells == old_cells) {
                outcome = outcome_before;
            } else if (cells == new_cells) {
                outcome = outcome_after;
            } else {
                set(at, cells);
                outcome = judge(index, "in the middle of", window_ > 0);
            }
            count(outcome);
        }
        set(at, new_cells);
        if (window_ > 0) --window_;
        return outcome_after;
    }

    /// Powers the board on with flash_ and sees.
    Outcome judge(std::size_t index, const char* when, bool may_be_dark) {
        ++tally_.boots;
        bench_.watch.clear();
        const bool thorough = deserves_download(index);
        const Fate fate = thorough ? bench_.power_cycle() : bench_.power_cycle_briefly();
        Outcome outcome = Outcome::other;
        if (fate == Fate::application) {
            outcome = judge_application();
        } else if (fate == Fate::bootloader && bench_.bootloader_is_whole() && bench_.watch.operations().empty()) {
            outcome = Outcome::bootloader;
            if (thorough && !takes_a_download()) outcome = Outcome::other;
        }
        if (outcome == Outcome::other && may_be_dark) outcome = Outcome::dark;
        if (outcome == Outcome::other && tally_.first_other.empty()) tally_.first_other = describe(index, when, fate);
        return outcome;
    }

    Outcome judge_application() const {
        const auto whole = [&](const Application& application) {
            return bench_.running(application) && bench_.holds(application);
        };
        if (scenario_.old && whole(*scenario_.old)) return Outcome::old_whole;
        return whole(scenario_.next) ? Outcome::new_whole : Outcome::other;
    }

    /// Every erase, the last operation, and a sample of the rest.
    bool deserves_download(std::size_t index) const {
        if (index >= recording_.operations.size()) return true;
        const FlashOperation& operation = recording_.operations[index];
        return operation.kind == FlashOperation::Kind::erase_page || index % program_stride_ == 0 ||
               index + 1 == recording_.operations.size();
    }

    /// The bootloader that runs takes the new image from a host, and the chip then starts it.
    bool takes_a_download() {
        ++tally_.downloads;
        bool taken = false;
        try {
            sim::UsbHost host(bench_.machine.usb(), bench_.machine);
            sim::HostTransport transport(host);
            const auto interfaces =
                flasher::dfu_interfaces(flasher::parse_configuration(transport.device().configuration_descriptor));
            flasher::DfuClient client(transport, interfaces.at(0));
            client.download(scenario_.next.bytes);
            taken = bench_.boots(scenario_.next) && bench_.watch.trespasses().empty();
        } catch (const std::runtime_error&) {
            taken = false;
        }
        show(0, flash_.size());
        return taken;
    }

    void count(Outcome outcome) {
        ++tally_.cuts;
        switch (outcome) {
            case Outcome::old_whole:
                ++tally_.old_whole;
                return;
            case Outcome::new_whole:
                ++tally_.new_whole;
                return;
            case Outcome::bootloader:
                ++tally_.bootloader;
                return;
            case Outcome::dark:
                ++tally_.dark;
                return;
            case Outcome::other:
                ++tally_.other;
                return;
        }
    }

    /// High-memory: from the erase of page 0 on, two half-words long, the chip may have nothing to start with.
    void enter_window(const FlashOperation& operation) {
        if (scenario_.target.high_memory && operation.address == flash_base &&
            operation.kind == FlashOperation::Kind::erase_page)
            window_ = 1 + 2;
    }

    void set(std::size_t at, const Bytes& cells) {
        std::ranges::copy(cells, flash_.begin() + static_cast<std::ptrdiff_t>(at));
        show(at, cells.size());
    }
    void show(std::size_t at, std::size_t size) {
        bench_.machine.load_bytes(flash_base + static_cast<std::uint32_t>(at), std::span(flash_).subspan(at, size));
    }

    std::string describe(std::size_t index, const char* when, Fate fate) const {
        constexpr std::array fates{"an application that is not whole runs",
                                   "the bootloader is damaged, writes, or takes no download", "nothing starts"};
        if (index >= recording_.operations.size()) return "no operation";
        const FlashOperation& operation = recording_.operations[index];
        return fmt::format("{} operation {} ({} 0x{:08x}): {}", when, index,
                           operation.kind == FlashOperation::Kind::erase_page ? "erase" : "program", operation.address,
                           fates[static_cast<std::size_t>(fate)]);
    }

    const Scenario& scenario_;
    const Recording& recording_;
    Bench bench_;
    Bytes flash_;
    Tally tally_;
    std::size_t program_stride_ = 1;
    unsigned window_ = 0;  ///< Operations for which the chip may still be without start-up.
};

}  // namespace

Recording record(const Scenario& scenario) {
    Bench bench(scenario.target, scenario.target.make_board(), {}, scenario.firmware);
    if (scenario.old) bench.install(*scenario.old);
    if (scenario.left_open) {
        bench.install(scenario.left_open->old);
        bench.enter_dfu();
        bench.watch.cut_at(scenario.left_open->after, {.when = sim::PowerCut::When::before});
        bench.dfu.send_image(scenario.left_open->next.bytes, scenario.target.transfer_size);
        static_cast<void>(bench.dfu.settle());
        bench.watch.clear();
    }
    if (scenario.read_protected) bench.machine.set_option_bytes(read_protection);
    Recording made;
    made.before.assign(bench.machine.flash().begin(), bench.machine.flash().end());
    bench.enter_dfu();
    try {
        bench.client().download(scenario.next.bytes);
    } catch (const flasher::DfuError& error) {
        if (!error.point().report) throw;
        made.refused = error.point().report->status;
    }
    made.operations = bench.watch.operations();
    made.trespasses = bench.watch.trespasses();
    made.boots = bench.boots(made.refused && scenario.old ? *scenario.old : scenario.next);
    return made;
}

Tally sweep(const Scenario& scenario, const Recording& recording) {
    return Replay(scenario, recording).run();
}

std::string Tally::heading() {
    return fmt::format("{:<38} {:>6} {:>7} {:>7} {:>7} {:>10} {:>9} {:>5} {:>9}", "scenario", "ops", "cuts", "old",
                       "new", "bootloader", "no start", "other", "downloads");
}

std::string Tally::line(const Scenario& scenario) const {
    return fmt::format("{:<38} {:>6} {:>7} {:>7} {:>7} {:>10} {:>9} {:>5} {:>9}", scenario.name, operations, cuts,
                       old_whole, new_whole, bootloader, dark, other, downloads);
}

namespace {
/// Where report.cmake looks.
std::filesystem::path report_folder(const char* part) {
    const auto folder = test_paths::built("tests/powerfail/report") / part;
    std::filesystem::create_directories(folder);
    return folder;
}
}  // namespace

void report(Part part, const Scenario& scenario, const Tally& tally) {
    const auto folder = report_folder(part == Part::sweep ? "sweep" : "mutants");
    std::cout << Tally::heading() << '\n' << tally.line(scenario) << '\n';
    std::ofstream(folder / "heading") << Tally::heading() << '\n';
    std::ofstream(folder / (sim::test::identifier(scenario.name) + ".txt")) << tally.line(scenario) << '\n';
}

void report(const std::string& name, const std::string& sentence) {
    std::cout << sentence;
    std::ofstream(report_folder("sentences") / (name + ".txt")) << sentence;
}

}  // namespace powerfail
