// SPDX-License-Identifier: ISC
// dapboot-sim serve --usbip: boards from the command line, and a server until Ctrl-C.
#include <csignal>
#include <cstdio>
#include <memory>

#include <fmt/format.h>

#include "sim/commands/serve.hpp"
#include "sim/serve/probe_server.hpp"
#include "sim/serve/remote_bitbang.hpp"
#include "sim/serve/serial_line.hpp"
#include "sim/serve/usbip/server.hpp"

namespace sim::commands {
namespace {

namespace usbip = serve::usbip;

volatile std::sig_atomic_t stop = 0;

void say(const std::string& line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
}

usbip::Boards make_boards(const ServeOptions& options) {
    const auto setup = board_setup(options.board);
    usbip::Boards boards;
    for (unsigned number = 1; number <= options.boards; ++number)
        boards.push_back(std::make_unique<serve::ServedBoard>(setup, number, say));
    return boards;
}

void warn_if_public(const usbip::Endpoint& endpoint) {
    if (endpoint.loopback()) return;
    fmt::print(stderr, "warning: anyone who can reach {} can use the boards; USB/IP has no password\n",
               endpoint.text());
}

/// What else than USB reaches the first board.
std::vector<std::unique_ptr<serve::Attachment>> attach_tools(const ServeOptions& options, serve::ServedBoard& board) {
    std::vector<std::unique_ptr<serve::Attachment>> all;
    if (!options.serial.empty()) {
        auto end = serve::make_serial_end(options.serial);
        say(fmt::format("Serial line of board 1-1: {}; {}", end->name(),
                        options.auto_reset ? "opening it starts the chip's loader"
                                           : "the chip's loader answers on it after a reset with BOOT0 at 1"));
        all.push_back(std::make_unique<serve::SerialLine>(board, std::move(end), options.auto_reset, say));
    }
    if (!options.jtag.empty()) {
        const auto endpoint = usbip::Endpoint::parse(options.jtag);
        warn_if_public(endpoint);
        auto jtag = std::make_unique<serve::RemoteBitbang>(board, endpoint, say);
        say(
            fmt::format("JTAG of board 1-1: openocd -c 'adapter driver remote_bitbang; remote_bitbang host {}; "
                        "remote_bitbang port {}; transport select jtag' -f target/stm32f1x.cfg",
                        endpoint.host, jtag->port()));
        all.push_back(std::move(jtag));
    }
    if (!options.stlink.empty()) {
        const auto endpoint = usbip::Endpoint::parse(options.stlink);
        warn_if_public(endpoint);
        auto probe = std::make_unique<serve::ProbeServer>(board, endpoint, say);
        say(fmt::format("ST-Link V2 at board 1-1: usbip --tcp-port {} attach -r {} -b {}", probe->port(), endpoint.host,
                        serve::ProbeServer::bus_id));
        all.push_back(std::move(probe));
    }
    return all;
}

}  // namespace

void serve_usbip(const ServeOptions& options) {
    usbip::ServerOptions addresses{
        .usbip = usbip::Endpoint::parse(options.usbip), .console = std::nullopt, .fast = options.fast};
    warn_if_public(addresses.usbip);
    if (!options.console.empty()) {
        addresses.console = usbip::Endpoint::parse(options.console);
        warn_if_public(*addresses.console);
    }
    auto boards = make_boards(options);
    const auto attachments = attach_tools(options, *boards.front());
    usbip::Server server(addresses, boards, say);
    for (const auto& one : attachments)
        server.attach(*one);
    std::signal(SIGINT, [](int) { stop = 1; });
    std::signal(SIGTERM, [](int) { stop = 1; });
    say(fmt::format("USB/IP at {}:{}, boards 1-1 to 1-{}; as root on any Linux that reaches it:", addresses.usbip.host,
                    server.usbip_port(), boards.size()));
    say(fmt::format("  modprobe vhci-hcd; usbip --tcp-port {} attach -r {} -b 1-1", server.usbip_port(),
                    addresses.usbip.host));
    if (addresses.console)
        say(fmt::format("Buttons and cables: nc {} {}, then: {}", addresses.console->host, server.console_port(),
                        usbip::console_help));
    say("Ctrl-C ends it.");
    server.run(stop);
}

}  // namespace sim::commands
