// SPDX-License-Identifier: ISC
// Buffers of a connection.
#include "sim/serve/usbip/connection.hpp"

#include <utility>

#include <sys/socket.h>

namespace sim::serve::usbip {
namespace {

constexpr std::size_t chunk = 65'536;
/// How long a peer may take to read what was left for it and to close its end.
constexpr auto farewell = std::chrono::seconds(2);

}  // namespace

Connection::Connection(Accepted accepted, bool console, WallClock::time_point now)
    : socket_(std::move(accepted.socket)),
      peer_(std::move(accepted.peer)),
      console_(console),
      opened_at_(now),
      room_(chunk) {}

std::span<const std::uint8_t> Connection::read() {
    const auto count = socket_.read(room_);
    if (!count) {
        peer_ended_ = true;
        return {};
    }
    // What comes after the close is thrown away: unread, it would make the system drop the connection together with
    // what is still on its way out.
    return closing() ? std::span<const std::uint8_t>() : std::span(room_).first(*count);
}

void Connection::send(std::span<const std::uint8_t> bytes) {
    if (closing()) return;
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    flush();
}

void Connection::flush() {
    while (wants_to_write()) {
        const auto count = socket_.write(std::span(out_).subspan(sent_));
        if (!count) {
            peer_ended_ = true;
            return;
        }
        if (*count == 0) return;
        sent_ += *count;
    }
    out_.clear();
    sent_ = 0;
    if (closing() && !std::exchange(half_closed_, true)) ::shutdown(descriptor(), SHUT_WR);
}

void Connection::close(WallClock::time_point now) {
    if (closing()) return;
    closed_at_ = now;
    flush();
}

bool Connection::over(WallClock::time_point now) const {
    return peer_ended_ || (closed_at_ && now - *closed_at_ > farewell);
}

}  // namespace sim::serve::usbip
