// SPDX-License-Identifier: ISC
// TCP sockets that never block: just what the server needs of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sim::serve::usbip {

/// HOST:PORT of a listening socket.
struct Endpoint {
    std::string host = "127.0.0.1";  ///< A numeric IPv4 address.
    std::uint16_t port = 0;          ///< 0 takes a free one.

    /// Reads "127.0.0.1:3240", or a port alone, which means the loopback interface. Throws
    /// std::invalid_argument.
    [[nodiscard]] static Endpoint parse(std::string_view text);
    [[nodiscard]] bool loopback() const { return host.starts_with("127."); }
    [[nodiscard]] std::string text() const;
};

/// Owns a file descriptor.
class Socket {
  public:
    explicit Socket(int descriptor) : descriptor_(descriptor) {}
    ~Socket();
    Socket(Socket&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
    Socket& operator=(Socket&&) = delete;
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    [[nodiscard]] int descriptor() const { return descriptor_; }
    /// Bytes read into `room`; 0 when there are none now; nothing when the peer has ended.
    [[nodiscard]] std::optional<std::size_t> read(std::span<std::uint8_t> room);
    /// Bytes taken of `bytes`; nothing when the peer is gone.
    [[nodiscard]] std::optional<std::size_t> write(std::span<const std::uint8_t> bytes);

  private:
    int descriptor_;
};

struct Accepted {
    Socket socket;
    std::string peer;  ///< "127.0.0.1:51234".
};

class Listener {
  public:
    /// Throws std::runtime_error that names the address.
    explicit Listener(const Endpoint& endpoint);

    [[nodiscard]] int descriptor() const { return socket_.descriptor(); }
    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// The next connection that waits, if any; small packets go out at once on it.
    [[nodiscard]] std::optional<Accepted> accept() const;

  private:
    Socket socket_;
    std::uint16_t port_ = 0;
};

}  // namespace sim::serve::usbip
