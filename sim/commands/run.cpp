// SPDX-License-Identifier: ISC
// dapboot-sim run: powers a board, plays its USB host and prints what happens.
#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/commands/board_watch.hpp"
#include "sim/commands/commands.hpp"
#include "sim/commands/describe.hpp"
#include "sim/commands/exit_codes.hpp"
#include "sim/commands/session.hpp"
#include "sim/commands/terminal.hpp"
#include "sim/usb/dfu_transport.hpp"

namespace sim::commands {
namespace {

struct RunOptions {
    BoardOptions board;
    double seconds = 5;
};

void watch_led(Session& session) {
    const auto& wiring = session.board().wiring;
    if (!wiring.has_led) return;
    session.machine().on_pin_change(wiring.led, [lit = wiring.led_lit](Time at, Level level) {
        const bool on = level == lit;
        say(at, fmt::format("{} LED {}", led_sign(on), on ? "on" : "off"));
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

void run(const RunOptions& options) {
    if (!(options.seconds > 0 && options.seconds <= 86'400))
        throw UsageError("--seconds takes more than 0 and at most 86400");
    Session session(options.board);
    watch_led(session);
    say(session.machine().now(),
        fmt::format("power on: {}, {}", session.board().title, session.machine().variant().name));
    session.power_on();
    auto& host = session.host();
    const Time end = session.machine().now() + Time{static_cast<std::int64_t>(options.seconds * 1e12)};
    BoardWatch(session.machine(), host).advance_to(end, [&] { meet_device(session); });
    const auto& counters = session.machine().counters();
    say(host.now(), fmt::format("end: {} instructions, {} USB transactions, {} complaints", counters.instructions,
                                counters.usb_transactions, counters.complaints));
}

}  // namespace

void add_run(CLI::App& app) {
    auto options = std::make_shared<RunOptions>();
    auto* command = app.add_subcommand("run", "run a binary and print LED, USB and resets");
    command->add_option("firmware", options->board.firmware, ".bin, .hex or .elf")->required();
    command->add_option("--seconds", options->seconds, "virtual time to run")->capture_default_str();
    add_board_options(*command, options->board);
    command->callback([options] { run(*options); });
}

}  // namespace sim::commands
