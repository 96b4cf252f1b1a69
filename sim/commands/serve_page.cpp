// SPDX-License-Identifier: ISC
// dapboot-sim serve --page: virtual boards in real time, with the browser page that flashes them.
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <pthread.h>

#include "sim/commands/exit_codes.hpp"
#include "sim/commands/serve.hpp"
#include "sim/serve/page/web_server.hpp"

namespace sim::commands {
namespace {

/// Every thread inherits the mask: the signals wait for sigwait() below.
sigset_t hold_back_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

}  // namespace

void serve_page(const ServeOptions& options) {
    if (!std::filesystem::is_regular_file(options.page / "index.html"))
        throw UsageError(fmt::format("{} has no index.html; build the page first (npm ci && npm run build in web/)",
                                     options.page.string()));
    const auto setup = board_setup(options.board);
    const sigset_t signals = hold_back_signals();
    std::vector<std::unique_ptr<serve::page::SharedBoard>> boards;
    const unsigned programmed = options.board.firmware.empty() ? 0 : options.boards;
    for (unsigned number = 1; number <= programmed; ++number) {
        const std::string suffix = options.boards > 1 ? fmt::format(" {}", number) : "";
        boards.push_back(std::make_unique<serve::page::SharedBoard>(
            setup, number, fmt::format("Virtual {}{}", setup.board.title, suffix)));
    }
    if (options.blank) {
        auto blank = options.board;
        blank.firmware.clear();
        blank.load.clear();
        blank.probe = true;
        const auto setup_of_blank = board_setup(blank);
        boards.push_back(std::make_unique<serve::page::SharedBoard>(
            setup_of_blank, programmed + 1, fmt::format("New virtual {}", setup_of_blank.board.title), true));
    }
    const serve::page::WebServer server(options.page, options.port, boards);
    fmt::print("The page and {} virtual {}: http://localhost:{}/\nCtrl-C stops the server.\n", boards.size(),
               boards.size() == 1 ? "board" : "boards", server.port());
    std::fflush(stdout);
    int signal = 0;
    sigwait(&signals, &signal);
}

}  // namespace sim::commands
