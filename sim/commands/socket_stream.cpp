// SPDX-License-Identifier: ISC
// Waiting for a socket.
#include "sim/commands/socket_stream.hpp"

#include <poll.h>

namespace sim::commands {

bool SocketStream::write(std::span<const std::uint8_t> bytes) {
    constexpr int patience_ms = 5000;  // of a peer that reads nothing
    while (!bytes.empty()) {
        const auto count = socket_.write(bytes);
        if (!count) return false;
        bytes = bytes.subspan(*count);
        pollfd one{socket_.descriptor(), POLLOUT, 0};
        if (*count == 0 && ::poll(&one, 1, patience_ms) <= 0) return false;
    }
    return true;
}

void SocketStream::wait(std::chrono::milliseconds longest) {
    pollfd one{socket_.descriptor(), POLLIN, 0};
    ::poll(&one, 1, static_cast<int>(longest.count()));
}

}  // namespace sim::commands
