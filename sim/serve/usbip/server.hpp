// SPDX-License-Identifier: ISC
// Exports virtual boards over USB/IP, in one thread: sockets are looked at between frames of the boards.
//
// A client that breaks the protocol loses its connection; the other connections and all boards go on. A device that
// leaves the bus ends the connection that has imported it, as a pulled plug does.
#pragma once

#include <csignal>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "sim/serve/attachment.hpp"
#include "sim/serve/pacer.hpp"
#include "sim/serve/usbip/connection.hpp"
#include "sim/serve/usbip/console.hpp"
#include "sim/serve/usbip/protocol.hpp"
#include "sim/serve/usbip/socket.hpp"

namespace sim::serve::usbip {

struct ServerOptions {
    Endpoint usbip;                   ///< Where USB/IP clients connect.
    std::optional<Endpoint> console;  ///< Where people reach the boards' controls, if anywhere.
    bool fast = false;                ///< As fast as it goes, instead of in step with the wall clock.
};

class Server {
  public:
    using Log = std::function<void(const std::string&)>;

    /// Listens at once. The boards outlive the server. Throws std::runtime_error that names the
    /// address when that is not possible.
    Server(const ServerOptions& options, Boards& boards, Log log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// The ports that are really used; the console's is 0 without one.
    [[nodiscard]] std::uint16_t usbip_port() const;
    [[nodiscard]] std::uint16_t console_port() const;

    /// Serves this, too, in each round. It outlives the server.
    void attach(Attachment& attachment) { attachments_.push_back(&attachment); }

    /// Serves until `stop` is no longer 0.
    void run(const volatile std::sig_atomic_t& stop);
    /// One round: waits for the sockets or the next frame, whichever comes first, and serves what
    /// there is.
    void serve_once();

  private:
    void wait();
    [[nodiscard]] WallClock::duration time_to_next_frame() const;
    void accept_from(const Listener& listener, bool console);
    void serve(Connection& connection);
    void handle(Connection& connection, Message message);
    void import(Connection& connection, const ImportRequest& request);
    void submit(Connection& connection, Submit submit);
    void read_lines(Connection& connection, std::span<const std::uint8_t> bytes);
    void run_board(std::size_t index);
    void deliver(std::size_t index, const std::vector<Completion>& completions);
    void end(Connection& connection, const std::string& why);
    [[nodiscard]] Connection* importer_of(std::size_t board);

    ServerOptions options_;
    Boards& boards_;
    Log log_;
    Listener usbip_;
    std::optional<Listener> console_;
    std::list<Connection> connections_;
    std::vector<Attachment*> attachments_;
    std::vector<Pacer> pacers_;  ///< One a board.
};

}  // namespace sim::serve::usbip
