// SPDX-License-Identifier: ISC
// dapboot-sim run: powers a board, plays its USB host and prints what happens; or does what a script says.
#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "flasher/image.hpp"
#include "sim/commands/board_watch.hpp"
#include "sim/commands/commands.hpp"
#include "sim/commands/describe.hpp"
#include "sim/commands/exit_codes.hpp"
#include "sim/commands/session.hpp"
#include "sim/commands/terminal.hpp"
#include "sim/script/script.hpp"
#include "sim/usb/dfu_transport.hpp"

namespace sim::commands {
namespace {

struct RunOptions {
    BoardOptions board;
    double seconds = 5;
    std::filesystem::path script, wave;
    double limit = 600;
    std::vector<std::string> files;  ///< NAME=PATH
};

Time time_option(const char* name, double value) {
    if (!(value > 0 && value <= 86'400)) throw UsageError(fmt::format("{} takes more than 0 and at most 86400", name));
    return Time{static_cast<std::int64_t>(value * 1e12)};
}

void watch_led(Session& session) {
    const auto& wiring = session.board().wiring;
    if (!wiring.has_led) return;
    session.machine().on_pin_change(wiring.led, [lit = wiring.led_lit](Time at, Level level) {
        const bool on = level == lit;
        say(at, fmt::format("{} LED {}", led_sign(on), on ? "on" : "off"));
    });
}

/// Lines of text on ITM's port 0, as SWO viewers show them. What does not end with a line's end appears with the next.
void watch_trace(Session& session) {
    session.machine().on_trace(
        [line = std::string()](Time at, unsigned port, std::uint32_t value, unsigned size) mutable {
            if (port != 0) return;
            for (unsigned byte = 0; byte < size; ++byte) {
                const auto letter = static_cast<char>(value >> (8 * byte));
                if (letter == '\n')
                    say(at, fmt::format("SWO: {}", std::exchange(line, {})));
                else if (letter >= ' ' && letter <= '~')
                    line += letter;
            }
        });
}

/// What an operating system does with a device that has appeared.
void meet_device(Session& session) {
    try {
        HostTransport transport(session.host());
        const auto info = flasher::read_device_info(transport);
        say(session.host().now(), "USB device enumerated");
        print_device(info, transport.device().address);
    } catch (const EnumerationError& error) {
        say(session.host().now(), fmt::format("USB device not usable: {}", error.what()));
    }
}

std::map<std::string, std::filesystem::path> named_files(const RunOptions& options) {
    std::map<std::string, std::filesystem::path> files;
    for (const auto& one : options.files) {
        const auto equals = one.find('=');
        if (equals == 0 || equals == std::string::npos)
            throw UsageError(fmt::format("'{}' names no file; write --file NAME=PATH", one));
        files[one.substr(0, equals)] = one.substr(equals + 1);
    }
    return files;
}

void follow_script(const RunOptions& options, Session& session) {
    script::Bench bench(session.machine(), session.host(), options.script.parent_path(),
                        time_option("--limit", options.limit));
    bench.print = [&bench](const std::string& line) { say(bench.now(), line); };
    if (auto& waveform = session.waveform(); waveform) {
        bench.changed = [recording = &*waveform] { recording->look(); };
        waveform->set_flash_observer(&bench.power_cut);
    } else {
        session.machine().set_flash_observer(&bench.power_cut);
    }
    script::run_script(options.script, bench, named_files(options));
    say(bench.now(), fmt::format("{}: {}", options.script.filename().string(), painted(Paint::good, "passed")));
}

void play(const RunOptions& options, Session& session) {
    watch_led(session);
    watch_trace(session);
    say(session.machine().now(),
        fmt::format("power on: {}, {}", session.board().title, session.machine().variant().name));
    session.power_on();
    auto& host = session.host();
    const Time end = session.machine().now() + time_option("--seconds", options.seconds);
    BoardWatch(session.machine(), host).advance_to(end, [&] { meet_device(session); });
    const auto& counters = session.machine().counters();
    say(host.now(), fmt::format("end: {} instructions, {} USB transactions, {} complaints", counters.instructions,
                                counters.usb_transactions, counters.complaints));
}

void run(const RunOptions& options) {
    static_cast<void>(time_option("--seconds", options.seconds));
    std::ofstream wave;
    if (!options.wave.empty()) {
        wave.open(options.wave, std::ios::binary);
        if (!wave) throw flasher::ImageError(fmt::format("{}: cannot be written", options.wave.string()));
    }
    Session session(options.board, options.wave.empty() ? nullptr : &wave);
    if (options.script.empty())
        play(options, session);
    else
        follow_script(options, session);
}

}  // namespace

void add_run(CLI::App& app) {
    auto options = std::make_shared<RunOptions>();
    auto* command = app.add_subcommand("run", "run a binary and print LED, USB and resets");
    command->add_option("firmware", options->board.firmware, ".bin, .hex or .elf")->required();
    command->add_option("--seconds", options->seconds, "virtual time to run")->capture_default_str();
    auto* script = command->add_option("--script", options->script, "a script in Lua that drives the board instead");
    command->add_option("--file", options->files, "NAME=PATH: the script finds PATH as files.NAME")->needs(script);
    command->add_option("--limit", options->limit, "virtual seconds that the script may take")
        ->needs(script)
        ->capture_default_str();
    command->add_option("--wave", options->wave, "FILE.vcd: record pins, bus, flash and exceptions for GTKWave");
    add_board_options(*command, options->board);
    command->callback([options] { run(*options); });
}

}  // namespace sim::commands
