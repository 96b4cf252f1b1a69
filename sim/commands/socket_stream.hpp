// SPDX-License-Identifier: ISC
// A TCP connection as the servers of sim/debug/ see it.
#pragma once

#include "sim/debug/byte_stream.hpp"
#include "sim/serve/usbip/socket.hpp"

namespace sim::commands {

class SocketStream : public debug::ByteStream {
  public:
    explicit SocketStream(serve::usbip::Socket socket) : socket_(std::move(socket)) {}
    [[nodiscard]] std::optional<std::size_t> read(std::span<std::uint8_t> room) override { return socket_.read(room); }
    [[nodiscard]] bool write(std::span<const std::uint8_t> bytes) override;
    void wait(std::chrono::milliseconds longest) override;

  private:
    serve::usbip::Socket socket_;
};

}  // namespace sim::commands
