// SPDX-License-Identifier: ISC
// Serves the page and the sockets of virtual boards, to programs on this computer only.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "sim/serve/page/board_socket.hpp"

namespace sim::serve::page {

class WebServer {
  public:
    /// Listens on the loopback interface; port 0 takes a free one. `page` is the built page's
    /// folder. The boards outlive the server. Throws std::runtime_error when the port is taken.
    WebServer(const std::filesystem::path& page, int port, std::vector<std::unique_ptr<SharedBoard>>& boards);
    ~WebServer();
    WebServer(const WebServer&) = delete;
    WebServer& operator=(const WebServer&) = delete;

    /// The port that is really used.
    [[nodiscard]] int port() const;

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace sim::serve::page
