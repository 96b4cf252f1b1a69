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
void serve(const CLI::App& command, ServeOptions options) {
    const auto refuse = [&](const char* name, const char* way) {
        if (command.count(name) != 0) throw UsageError(std::string(name) + " goes with " + way + " only");
    };
    if (options.auto_reset && options.serial.empty()) refuse("--auto-reset", "--serial");
    if (!options.jtag.empty() && !options.stlink.empty())
        throw UsageError("--jtag and --stlink are two probes at the same pins; choose one");
    if (options.page.empty()) refuse("--blank", "--page");
    if (options.board.firmware.empty() && !options.attached() && !options.blank)
        throw UsageError(
            "nothing to serve: name a firmware; a blank chip is useful only with --serial, --jtag or --stlink, or as "
            "--blank of a --page");
    options.board.probe = options.attached();
    if (!options.page.empty()) {
        for (const char* name : {"--console", "--fast", "--serial", "--jtag", "--stlink", "--boot0"})
            refuse(name, "a server without --page");
        refuse("--usbip", "a server without --page, which is another one,");
        return serve_page(options);
    }
    refuse("--port", "--page");
    if (options.usbip.empty()) {
        if (!options.attached())
            throw UsageError(
                "nothing to serve: give --page FOLDER for the browser, --usbip 127.0.0.1:3240 for any Linux, "
                "--serial PATH for stm32flash, --jtag 127.0.0.1:9824 for OpenOCD, --stlink 127.0.0.1:3241 for "
                "st-flash");
        options.usbip = "127.0.0.1:0";
    }
    serve_usbip(options);
}

}  // namespace

void add_serve(CLI::App& app) {
    auto options = std::make_shared<ServeOptions>();
    auto* command =
        app.add_subcommand("serve", "serve virtual boards in real time, to the browser or as USB devices over USB/IP");
    command->add_option("firmware", options->board.firmware, "bootloader: .bin, .hex or .elf; none: a blank chip");
    command->add_option("--boards", options->boards, "how many")->check(CLI::Range(1, 8))->capture_default_str();
    command->add_option("--page", options->page, "folder of the built page, for the browser");
    command->add_option("--port", options->port, "of the page; 0 picks a free one")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
    command->add_flag("--blank", options->blank,
                      "with --page: one more board, whose chip is blank, with a USB-serial adapter and an ST-Link");
    command->add_option("--usbip", options->usbip, "ADDRESS:PORT for USB/IP clients; the usual one is 127.0.0.1:3240");
    command->add_option("--console", options->console, "with --usbip: ADDRESS:PORT for lines such as 'button 1-1 on'");
    command->add_flag("--fast", options->fast,
                      "with --usbip: virtual time as fast as possible, not in step with the clock");
    command->add_option("--serial", options->serial,
                        "a serial line to board 1-1's USART1: a PATH for a pseudo-terminal, or ADDRESS:PORT");
    command->add_flag("--auto-reset", options->auto_reset,
                      "with --serial: opening the line starts the chip's loader, closing it the program in flash");
    command->add_flag("--boot0", options->board.boot0, "jumper BOOT0 to 1: the chip's loader starts");
    command->add_option("--jtag", options->jtag, "ADDRESS:PORT for OpenOCD's remote_bitbang, at board 1-1");
    command->add_option("--stlink", options->stlink,
                        "ADDRESS:PORT for USB/IP clients of an ST-Link V2 at board 1-1's debug pins");
    add_board_options(*command, options->board);
    command->callback([command, options] { serve(*command, *options); });
}

}  // namespace sim::commands
