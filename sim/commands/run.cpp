// SPDX-License-Identifier: ISC
// dapboot-sim run: powers a board, plays its USB host and prints what happens.
#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

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

void say(Time at, const std::string& text) {
    fmt::print("{:>12}  {}\n", text_of(at), text);
}

void watch_led(Session& session) {
    const auto& wiring = session.board().wiring;
    if (!wiring.has_led) return;
    session.machine().on_pin_change(wiring.led, [lit = wiring.led_lit](Time at, Level level) {
        say(at, level == lit ? painted(Paint::lit, "● LED on") : "○ LED off");
    });
}

/// An operating system that looks at each new device once.
void meet_device(Session& session) {
    say(session.host().now(), "USB device attached");
    try {
        HostTransport transport(session.host(), session.host().timing().debounce);
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
    PortState seen = PortState::disconnected;
    while (host.now() < end) {
        host.advance_to(std::min(end, host.now() + host.timing().debounce));
        if (host.port_state() == PortState::disabled && seen == PortState::disconnected) meet_device(session);
        if (host.port_state() == PortState::disconnected && seen != PortState::disconnected)
            say(host.now(), "USB device gone");
        seen = host.port_state();
    }
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
