// SPDX-License-Identifier: ISC
// dapboot: flashes boards. Chooses a command, and turns failures into sentences and exit codes.
#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "flasher/commands/commands.hpp"
#include "flasher/commands/exit_codes.hpp"
#include "flasher/terminal/nearest.hpp"
#include "flasher/terminal/terminal.hpp"
#include "flasher/terminal/wrapped.hpp"
#include "flasher/usb/usb_bus.hpp"
#include "flasher/version.hpp"

namespace {

using flasher::commands::ExitCode;
namespace terminal = flasher::terminal;

int fail(ExitCode code, const std::string& what) {
    std::fflush(stdout);
    constexpr std::string_view name = "dapboot:";
    fmt::print(stderr, "{} {}\n", terminal::painted(terminal::Paint::bad, name, terminal::Stream::error),
               terminal::wrapped(what, terminal::Stream::error, name.size() + 1, name.size() + 1));
    return static_cast<int>(code);
}

int usage(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
    std::vector<std::string> commands;
    for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
        commands.push_back(command->get_name());
    const auto complaint = terminal::unknown_command(argc > 1 ? argv[1] : "", commands);
    if (!complaint.empty()) return fail(ExitCode::usage, complaint);
    const auto chosen = app.get_subcommands();
    return fail(ExitCode::usage, fmt::format("{}; see dapboot {}--help", error.what(),
                                             chosen.empty() ? "" : chosen.front()->get_name() + " "));
}

int run(CLI::App& app, int argc, char** argv) {
    try {
        app.parse(argc, argv);
        return static_cast<int>(ExitCode::success);
    } catch (const CLI::Success& asked_for_help) {
        return app.exit(asked_for_help);
    } catch (const CLI::ParseError& error) {
        return usage(app, error, argc, argv);
    } catch (...) {
        const auto [code, sentence] = flasher::commands::current_failure();
        return fail(code, sentence);
    }
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Flashes boards over USB that run dapboot or another DFU 1.1 bootloader.", "dapboot"};
    app.footer(flasher::commands::exit_code_help);
    app.set_version_flag("--version", fmt::format("dapboot {} ({}, libusb {})", flasher::version_text,
                                                  flasher::build_text, flasher::libusb_version()));
    app.require_subcommand(1);
    flasher::commands::add_list(app);
    flasher::commands::add_flash(app);
    flasher::commands::add_read(app);
    flasher::commands::add_verify(app);
    flasher::commands::add_reset(app);
    flasher::commands::add_info(app);
    flasher::commands::add_convert(app);
    flasher::commands::add_doctor(app);
    flasher::commands::add_selftest(app);
    return run(app, argc, argv);
}
