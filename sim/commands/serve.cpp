// SPDX-License-Identifier: ISC
// dapboot-sim serve: virtual boards in real time, for the browser or as USB devices of any Linux.
#include "sim/commands/serve.hpp"

#include <memory>

#include <CLI/CLI.hpp>

#include "sim/commands/commands.hpp"
#include "sim/commands/exit_codes.hpp"

namespace sim::commands {
namespace {

/// Options of one way given with the other would be ignored; that is refused.
void serve(const CLI::App& command, const ServeOptions& options) {
    const auto refuse = [&](const char* name, const char* way) {
        if (command.count(name) != 0) throw UsageError(std::string(name) + " goes with " + way + " only");
    };
    if (options.usbip.empty()) {
        for (const char* name : {"--console", "--fast"})
            refuse(name, "--usbip");
        if (options.page.empty())
            throw UsageError(
                "serve what? --page FOLDER for the browser, --usbip 127.0.0.1:3240 "
                "for any Linux");
        return serve_page(options);
    }
    refuse("--page", "a server for the browser, which is another one than --usbip,");
    refuse("--port", "--page");
    serve_usbip(options);
}

}  // namespace

void add_serve(CLI::App& app) {
    auto options = std::make_shared<ServeOptions>();
    auto* command =
        app.add_subcommand("serve", "serve virtual boards in real time, to the browser or as USB devices over USB/IP");
    command->add_option("firmware", options->board.firmware, "bootloader: .bin, .hex or .elf")->required();
    command->add_option("--boards", options->boards, "how many")->check(CLI::Range(1, 8))->capture_default_str();
    command->add_option("--page", options->page, "folder of the built page, for the browser");
    command->add_option("--port", options->port, "of the page; 0 takes a free one")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
    command->add_option("--usbip", options->usbip, "ADDRESS:PORT for USB/IP clients; the usual one is 127.0.0.1:3240");
    command->add_option("--console", options->console, "with --usbip: ADDRESS:PORT for lines such as 'button 1-1 on'");
    command->add_flag("--fast", options->fast,
                      "with --usbip: virtual time as fast as it goes, not in step with the clock");
    add_board_options(*command, options->board);
    command->callback([command, options] { serve(*command, *options); });
}

}  // namespace sim::commands
