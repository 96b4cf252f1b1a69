// SPDX-License-Identifier: ISC
// dapboot-sim serve --page: virtual boards in real time, with the browser page that flashes them.
#include <csignal>
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
    require_file(options.board.firmware, "firmware");
    if (!std::filesystem::is_regular_file(options.page / "index.html"))
        throw UsageError(fmt::format("{} has no index.html; build the page first (npm ci && npm run build in web/)",
                                     options.page.string()));
    const Board* kind = find_board(options.board.board);
    if (kind == nullptr) throw UsageError(fmt::format("there is no board '{}'", options.board.board));

    const sigset_t signals = hold_back_signals();
    std::vector<std::unique_ptr<serve::SharedBoard>> boards;
    for (unsigned i = 0; i < options.boards; ++i) {
        const std::string number = options.boards > 1 ? fmt::format(" {}", i + 1) : "";
        boards.push_back(std::make_unique<serve::SharedBoard>(*kind, options.board.firmware.string(),
                                                              fmt::format("Virtual {}{}", kind->title, number)));
    }
    const serve::WebServer server(options.page, options.port, boards);
    fmt::print("The page and {} virtual {}: http://localhost:{}/\nCtrl-C ends them.\n", boards.size(),
               boards.size() == 1 ? "board" : "boards", server.port());
    std::fflush(stdout);
    int signal = 0;
    sigwait(&signals, &signal);
}

}  // namespace sim::commands
