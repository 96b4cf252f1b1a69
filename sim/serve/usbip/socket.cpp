// SPDX-License-Identifier: ISC
// TCP over the system's calls.
#include "sim/serve/usbip/socket.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sim::serve::usbip {
namespace {

sockaddr_in address_of(const Endpoint& endpoint) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    if (inet_pton(AF_INET, endpoint.host.c_str(), &address.sin_addr) != 1)
        throw std::invalid_argument(fmt::format("'{}' is not a numeric IPv4 address such as 127.0.0.1", endpoint.host));
    return address;
}

std::string text_of(const sockaddr_in& address) {
    char host[INET_ADDRSTRLEN] = "";
    inet_ntop(AF_INET, &address.sin_addr, host, sizeof host);
    return fmt::format("{}:{}", host, ntohs(address.sin_port));
}

bool later(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

Endpoint Endpoint::parse(std::string_view text) {
    Endpoint endpoint;
    const auto colon = text.rfind(':');
    if (colon != std::string_view::npos) endpoint.host = text.substr(0, colon);
    const auto digits = text.substr(colon == std::string_view::npos ? 0 : colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port);
    if (error != std::errc{} || end != digits.data() + digits.size())
        throw std::invalid_argument(
            fmt::format("'{}' is not an address to listen at; write it as 127.0.0.1:3240", text));
    static_cast<void>(address_of(endpoint));
    return endpoint;
}

std::string Endpoint::text() const {
    return fmt::format("{}:{}", host, port);
}

Socket::~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<std::size_t> Socket::read(std::span<std::uint8_t> room) {
    const auto count = ::recv(descriptor_, room.data(), room.size(), 0);
    if (count > 0) return static_cast<std::size_t>(count);
    if (count < 0 && later(errno)) return 0;
    return std::nullopt;
}

std::optional<std::size_t> Socket::write(std::span<const std::uint8_t> bytes) {
    const auto count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (later(errno)) return 0;
    return std::nullopt;
}

Listener::Listener(const Endpoint& endpoint)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    auto address = address_of(endpoint);
    const int on = 1;
    ::setsockopt(descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (descriptor() < 0 || ::bind(descriptor(), plain, size) != 0 || ::listen(descriptor(), 16) != 0 ||
        ::getsockname(descriptor(), plain, &size) != 0)
        throw std::runtime_error(fmt::format("cannot listen at {}: {}", endpoint.text(), std::strerror(errno)));
    port_ = ntohs(address.sin_port);
}

std::optional<Accepted> Listener::accept() const {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    const int descriptor =
        ::accept4(socket_.descriptor(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return std::nullopt;
    // Transfers are a few dozen bytes, and the next one waits for the answer.
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return Accepted{Socket(descriptor), text_of(peer)};
}

}  // namespace sim::serve::usbip
