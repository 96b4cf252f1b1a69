// SPDX-License-Identifier: ISC
// dapboot-sim serve: virtual boards in real time, with the browser page that flashes them.
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pthread.h>

#include "sim/commands/commands.hpp"
#include "sim/commands/exit_codes.hpp"
#include "sim/commands/session.hpp"
#include "sim/serve/web_server.hpp"

namespace sim::commands {
namespace {

struct ServeOptions {
    std::filesystem::path firmware;
    std::filesystem::path page;
    std::string board = "bluepill";
    int port = 8073;
    unsigned boards = 1;
};

/// Every thread inherits the mask: the signals wait for sigwait() below.
sigset_t hold_back_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

void serve(const ServeOptions& options) {
    require_file(options.firmware, "firmware");
    if (!std::filesystem::is_regular_file(options.page / "index.html"))
        throw UsageError(fmt::format(
            "{} has no index.html; build the page first (npm ci && npm run build in web/)",
            options.page.string()));
    const Board* kind = find_board(options.board);
    if (kind == nullptr) throw UsageError(fmt::format("there is no board '{}'", options.board));

    const sigset_t signals = hold_back_signals();
    std::vector<std::unique_ptr<serve::SharedBoard>> boards;
    for (unsigned i = 0; i < options.boards; ++i) {
        const std::string number = options.boards > 1 ? fmt::format(" {}", i + 1) : "";
        boards.push_back(std::make_unique<serve::SharedBoard>(
            *kind, options.firmware.string(), fmt::format("Virtual {}{}", kind->title, number)));
    }
    const serve::WebServer server(options.page, options.port, boards);
    fmt::print("The page and {} virtual {}: http://localhost:{}/\nCtrl-C ends them.\n",
               boards.size(), boards.size() == 1 ? "board" : "boards", server.port());
    std::fflush(stdout);
    int signal = 0;
    sigwait(&signals, &signal);
}

}  // namespace

void add_serve(CLI::App& app) {
    auto options = std::make_shared<ServeOptions>();
    auto* command =
        app.add_subcommand("serve", "serve virtual boards and the browser page on this computer");
    command->add_option("firmware", options->firmware, "bootloader: .bin, .hex or .elf")
        ->required();
    command->add_option("--page", options->page, "folder of the built page")->required();
    command->add_option("--board", options->board, "board by id")->capture_default_str();
    command->add_option("--boards", options->boards, "how many")
        ->check(CLI::Range(1, 8))
        ->capture_default_str();
    command->add_option("--port", options->port, "0 takes a free one")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
    command->callback([options] { serve(*options); });
}

}  // namespace sim::commands
