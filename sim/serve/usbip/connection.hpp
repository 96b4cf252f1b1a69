// SPDX-License-Identifier: ISC
// One TCP connection of the server: input that is not parsed yet, output that is not sent yet, and a close that loses
// none of it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "sim/serve/pacer.hpp"
#include "sim/serve/usbip/protocol.hpp"
#include "sim/serve/usbip/socket.hpp"

namespace sim::serve::usbip {

class Connection {
  public:
    Connection(Accepted accepted, bool console, WallClock::time_point now);

    [[nodiscard]] int descriptor() const { return socket_.descriptor(); }
    [[nodiscard]] const std::string& peer() const { return peer_; }
    [[nodiscard]] bool console() const { return console_; }
    [[nodiscard]] bool wants_to_write() const { return sent_ < out_.size(); }

    /// What has arrived, at most 64 KiB at a time; empty when nothing has, or when this end is
    /// closing. Notes when the peer has ended the connection.
    [[nodiscard]] std::span<const std::uint8_t> read();
    /// Queues bytes, and sends what the system takes at once.
    void send(std::span<const std::uint8_t> bytes);
    /// Sends more of what is queued.
    void flush();
    /// Nothing more is read or queued; what is queued still goes out.
    void close(WallClock::time_point now);
    [[nodiscard]] bool closing() const { return closed_at_.has_value(); }
    /// Nothing is left to do: it may be destroyed.
    [[nodiscard]] bool over(WallClock::time_point now) const;
    [[nodiscard]] bool peer_ended() const { return peer_ended_; }
    [[nodiscard]] std::size_t queued() const { return out_.size() - sent_; }
    [[nodiscard]] WallClock::time_point opened_at() const { return opened_at_; }

    Reader reader;     ///< Of a USB/IP client.
    std::string line;  ///< Of a console: the beginning of the next line.

    /// The device that this connection has imported.
    struct Import {
        std::size_t board = 0;
        unsigned attachment = 0;
        WallClock::time_point control_idle_since{};  ///< When the last control transfer was submitted.
    };
    std::optional<Import> import;

  private:
    Socket socket_;
    std::string peer_;
    bool console_;
    WallClock::time_point opened_at_;
    std::optional<WallClock::time_point> closed_at_;
    bool half_closed_ = false;
    bool peer_ended_ = false;
    Bytes room_;
    Bytes out_;
    std::size_t sent_ = 0;
};

}  // namespace sim::serve::usbip
