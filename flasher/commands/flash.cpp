// SPDX-License-Identifier: ISC
// dapboot flash: one board, all boards, or every board that comes.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "flasher/checksum.hpp"
#include "flasher/commands/commands.hpp"
#include "flasher/commands/flashing.hpp"
#include "flasher/commands/image_options.hpp"
#include "flasher/commands/ledger.hpp"
#include "flasher/commands/output.hpp"
#include "flasher/installer.hpp"
#include "flasher/platform/platform.hpp"
#include "flasher/terminal/terminal.hpp"
#include "flasher/terminal/wrapped.hpp"

namespace flasher::commands {
namespace {

using terminal::Paint;

constexpr auto glance = std::chrono::milliseconds(150);
constexpr const char* usual_ledger = "dapboot-ledger.csv";

struct Options {
    Selection selection;
    ImageOptions image;
    std::filesystem::path file;
    bool no_verify = false, no_reset = false, force = false;
    bool all = false, wait = false, repeat = false, runtime = false, again = false, json = false;
    unsigned count = 0;
    std::filesystem::path ledger;
};

BoardOptions board_options(const Options& options) {
    BoardOptions board;
    board.runtime = options.runtime;
    board.flash.target = target_options(options.image);
    board.flash.application_part = options.image.application_part;
    board.flash.verify = !options.no_verify;
    board.flash.leave = !options.no_reset;
    board.flash.force = options.force;
    board.flash.interrupted = platform::interrupted;
    return board;
}

/// Name and checksum, so that a ledger tells one build from the next.
std::string name_in_ledger(const Options& options, const Image& image) {
    return fmt::format("{} crc32 {:08x}", options.file.filename().string(), crc32(image.bytes));
}

void introduce(const Options& options, const Image& image) {
    if (options.json) return;
    fmt::print("{}  {}\n", terminal::painted(Paint::bold, options.file.filename().string()), describe(image));
    if (options.image.application_part) return;
    if (const auto brings = bootloader_in(image))
        fmt::print("  {}\n", terminal::wrapped(fmt::format("an installer: it replaces the bootloader of the board by "
                                                           "another one ({}), and the application there is gone",
                                                           describe(*brings)),
                                               terminal::Stream::output, 2, 2));
}

// --- one board -----------------------------------------------------------------------------------

/// Where the image will go, to be shown; what stands against it is said when it is flashed.
std::optional<Target> target_of(const Board& board, const Options& options, const Image& image) {
    try {
        return choose_target(board.info, target_options(options.image), image.base);
    } catch (const TargetError&) {
        return std::nullopt;
    }
}

void flash_one(const Options& options, const Image& image, Bus& bus, Ledger& ledger) {
    auto board = choose_board(bus, options.selection, options.wait, options.runtime);
    if (options.json) {
        auto event = json_of(board);
        event["event"] = "device";
        print_event(event);
    } else {
        print_board(board, target_of(board, options, image));
    }
    const auto view = options.json ? json_view() : single_view();
    const auto row = view->add(board.attached.location);
    const auto result =
        flash_board(board, image, board_options(options), [&](const StepProgress& one) { view->show(row, one); });
    view->finish(row, result.good(), fmt::format("{} in {:.1f} s", result.sentence, result.seconds));
    ledger.add(result);
    if (options.json) print_event(json_of(result));
    if (!result.good()) throw CommandError(result.code, result.sentence);
}

// --- all boards ----------------------------------------------------------------------------------

/// Which of the attached boards --all is about: dapboot's own, and others only when they are asked for by their ids.
std::vector<Board> boards_for_all(const Options& options, Bus& bus, std::vector<BoardResult>& failed) {
    auto found = open_boards(bus, options.selection);
    auto boards = std::move(found.bootloaders);
    if (options.selection.device.empty()) std::erase_if(boards, [](const auto& one) { return !is_dapboot(one.info); });
    if (options.runtime)
        for (auto& one : found.applications)
            boards.push_back(std::move(one));
    for (const auto& problem : found.problems) {
        BoardResult result;
        result.location = problem.attached.location;
        result.code = problem.kind == BusError::Kind::broken ? ExitCode::no_device : ExitCode::denied;
        result.sentence = problem.sentence;
        failed.push_back(std::move(result));
    }
    return boards;
}

std::string row_name(const Board& board) {
    const auto& serial = board.info.serial_number;
    return fmt::format("{:<5} {}", board.attached.location, serial.empty() ? board.info.product : serial);
}

/// What a row of 80 columns has room for, or why it failed.
std::string row_end(const BoardResult& result) {
    if (!result.good()) return result.sentence;
    return fmt::format("{:.1f} s  {} bytes, {}", result.seconds, result.bytes,
                       result.verified ? "read back equal" : "not read back");
}

BoardResult flash_in_view(Board& board, const Image& image, const Options& options, ProgressView& view,
                          Ledger& ledger) {
    const auto row = view.add(options.json ? board.attached.location : row_name(board));
    const auto result =
        flash_board(board, image, board_options(options), [&](const StepProgress& one) { view.show(row, one); });
    view.finish(row, result.good(), row_end(result));
    if (options.json) print_event(json_of(result));
    ledger.add(result);
    return result;
}

void summarise(const Options& options, const std::vector<BoardResult>& results, double seconds) {
    const auto good = std::ranges::count_if(results, &BoardResult::good);
    const auto failed = static_cast<std::ptrdiff_t>(results.size()) - good;
    if (options.json) {
        print_event({{"event", "summary"}, {"flashed", good}, {"failed", failed}, {"seconds", seconds}});
    } else if (failed == 0) {
        fmt::print("\n{} {} flashed in {:.1f} s\n", terminal::painted(Paint::good, terminal::tick()),
                   good == 1 ? "1 board" : fmt::format("all {} boards", good), seconds);
    } else {
        fmt::print("\n{} of {} boards flashed in {:.1f} s; {} failed:\n", good, results.size(), seconds,
                   terminal::painted(Paint::bad, std::to_string(failed)));
        for (const auto& one : results)
            if (!one.good())
                fmt::print("  {:<5} {}\n        {}\n", one.location, one.serial,
                           terminal::wrapped(one.sentence, terminal::Stream::output, 8, 8));
    }
    std::fflush(stdout);
    if (failed == 0) return;
    if (platform::interrupted())
        throw CommandError(ExitCode::interrupted, fmt::format("interrupted: {} of {} boards are not flashed; those "
                                                              "stay in their bootloaders, run the same command again",
                                                              failed, results.size()));
    throw CommandError(ExitCode::some_failed, fmt::format("{} of {} boards failed", failed, results.size()));
}

void flash_all(const Options& options, const Image& image, Bus& bus, Ledger& ledger) {
    std::vector<BoardResult> results;
    auto boards = boards_for_all(options, bus, results);
    while (boards.empty() && options.wait && !platform::interrupted()) {
        std::this_thread::sleep_for(glance);
        results.clear();
        boards = boards_for_all(options, bus, results);
    }
    if (boards.empty() && results.empty())
        throw CommandError(ExitCode::no_device, nothing_found(bus, options.selection));
    if (!options.json) fmt::print("{} boards\n", boards.size() + results.size());
    for (const auto& one : results)
        if (options.json) print_event(json_of(one));

    const auto start = std::chrono::steady_clock::now();
    {
        const auto view = options.json ? json_view() : table_view(false);
        std::mutex mutex;
        std::vector<std::thread> threads;
        threads.reserve(boards.size());
        for (auto& board : boards)
            threads.emplace_back([&] {
                auto result = flash_in_view(board, image, options, *view, ledger);
                const std::lock_guard lock(mutex);
                results.push_back(std::move(result));
            });
        for (auto& thread : threads)
            thread.join();
    }
    std::ranges::sort(results, [](const auto& a, const auto& b) {
        return std::pair(a.location.size(), a.location) < std::pair(b.location.size(), b.location);
    });
    summarise(options, results, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

// --- every board that comes ----------------------------------------------------------------------

/// A production line: whatever is plugged in is flashed, until Ctrl-C or --count.
class Line {
  public:
    Line(const Options& options, const Image& image, Bus& bus, Ledger& ledger)
        : options_(options),
          image_(image),
          bus_(bus),
          ledger_(ledger),
          view_(options.json ? json_view() : table_view(true)) {}

    ~Line() { join(); }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    void run() {
        const auto start = std::chrono::steady_clock::now();
        if (!options_.json) fmt::print("Boards are flashed as they come; Ctrl-C ends it.\n");
        while (!platform::interrupted() && !enough()) {
            look();
            std::this_thread::sleep_for(glance);
        }
        join();
        view_.reset();
        summarise(options_, results_, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }

  private:
    [[nodiscard]] bool enough() {
        const std::lock_guard lock(mutex_);
        const auto good = static_cast<std::size_t>(std::ranges::count_if(results_, &BoardResult::good));
        return options_.count != 0 && good >= options_.count;
    }

    /// Starts on what has come since the last look, and forgets what has gone.
    void look() {
        const auto now = bus_.list();
        const std::lock_guard lock(mutex_);
        std::erase_if(seen_, [&](const auto& one) {
            return !busy_.contains(one.location) && std::ranges::find(now, one) == now.end();
        });
        for (const auto& one : now) {
            if (!fits(options_.selection, one) || busy_.contains(one.location)) continue;
            if (std::ranges::find(seen_, one) != seen_.end()) continue;
            if (!one.dfu_mode && !options_.runtime) continue;
            seen_.push_back(one);
            busy_.insert(one.location);
            threads_.emplace_back([this, one] { serve(one); });
        }
    }

    void serve(const Attached& attached) {
        auto result = flash_new(attached);
        const std::lock_guard lock(mutex_);
        if (result) results_.push_back(std::move(*result));
        busy_.erase(attached.location);
    }

    std::optional<BoardResult> flash_new(const Attached& attached) {
        try {
            auto board = open_board(bus_, attached);
            if (!fits(options_.selection, board.info)) return std::nullopt;
            if (options_.selection.device.empty() && is_bootloader(board.info) && !is_dapboot(board.info))
                return std::nullopt;
            if (ledger_.has(board.info.serial_number) && !options_.again) return std::nullopt;
            return flash_in_view(board, image_, options_, *view_, ledger_);
        } catch (...) {
            BoardResult result;
            result.location = attached.location;
            std::tie(result.code, result.sentence) = [] {
                const auto failed = current_failure();
                return std::pair(failed.code, failed.sentence);
            }();
            const auto row = view_->add(attached.location);
            view_->finish(row, false, result.sentence);
            if (options_.json) print_event(json_of(result));
            return result;
        }
    }

    void join() {
        for (auto& one : threads_)
            if (one.joinable()) one.join();
    }

    const Options& options_;
    const Image& image_;
    Bus& bus_;
    Ledger& ledger_;
    std::unique_ptr<ProgressView> view_;
    std::mutex mutex_;
    std::vector<Attached> seen_;
    std::set<std::string> busy_;  ///< Locations.
    std::vector<BoardResult> results_;
    std::vector<std::thread> threads_;
};

void flash_command(const Options& options) {
    if ((options.again || options.count != 0) && !options.repeat)
        throw CommandError(ExitCode::usage, "--again and --count go with --repeat only");
    const auto image = load_image(options.file);
    introduce(options, image);
    const auto bus = open_bus(options.selection);
    platform::catch_interrupts();
    const auto ledger_file = options.ledger.empty() && options.repeat ? usual_ledger : options.ledger;
    Ledger ledger(ledger_file, name_in_ledger(options, image));
    if (options.repeat) return Line(options, image, *bus, ledger).run();
    if (options.all) return flash_all(options, image, *bus, ledger);
    flash_one(options, image, *bus, ledger);
}

}  // namespace

void add_flash(CLI::App& app) {
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("flash", "write an application onto a board, read it back and start it");
    command->add_option("file", options->file, ".bin .hex .srec .elf .uf2 or .dfu")->required()->type_name("FILE");
    command->add_flag("--no-verify", options->no_verify, "do not read the image back");
    command->add_flag("--verify{false}", options->no_verify, "read the image back (the default)");
    command->add_flag("--no-reset", options->no_reset, "do not start the application");
    command->add_flag("--runtime", options->runtime,
                      "ask a running application for its bootloader first, and wait for one afterwards");
    command->add_flag("--force", options->force, "send what cannot run there, too");
    command->add_flag("--json", options->json, "an event on each line, for machines");
    add_image_options(*command, options->image);
    add_selection(*command, options->selection);
    constexpr const char* group = "Several boards";
    command->add_flag("--all", options->all, "every attached board at the same time")->group(group);
    command->add_flag("--wait", options->wait, "wait for a board to be plugged in")->group(group);
    command->add_flag("--repeat", options->repeat, "go on with every board that comes, until Ctrl-C")->group(group);
    command->add_option("--count", options->count, "with --repeat: end after so many good boards")
        ->type_name("N")
        ->group(group);
    command->add_flag("--again", options->again, "with --repeat: flash boards that the ledger has, too")->group(group);
    command
        ->add_option("--ledger", options->ledger,
                     fmt::format("CSV file that gets a line a board; with --repeat: {}", usual_ledger))
        ->type_name("FILE")
        ->group(group);
    command->callback([options] { flash_command(*options); });
}

}  // namespace flasher::commands
