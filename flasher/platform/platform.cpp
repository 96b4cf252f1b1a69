// SPDX-License-Identifier: ISC
// Terminal, Ctrl-C and TCP, for POSIX and for Windows.
#include "flasher/platform/platform.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include <fmt/format.h>

#ifdef _WIN32
#include <winsock2.h>
// after winsock2.h
#include <io.h>
#include <windows.h>
#include <ws2tcpip.h>
#else
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

namespace flasher::platform {
namespace {

volatile std::sig_atomic_t interrupts = 0;

void remember_interrupt(int signal) {
    interrupts = interrupts + 1;
    if (interrupts > 1) std::_Exit(128 + signal);
    std::signal(signal, remember_interrupt);
}

#ifdef _WIN32
using Native = SOCKET;
int descriptor_of(Stream stream) {
    return _fileno(stream == Stream::output ? stdout : stderr);
}
void start_network() {
    static const int started = [] {
        WSADATA data;
        return WSAStartup(MAKEWORD(2, 2), &data);
    }();
    if (started != 0) throw ConnectionError(fmt::format("Windows has no network ({})", started));
}
std::string last_error() {
    return fmt::format("Windows sockets error {}", WSAGetLastError());
}
bool is_pending() {
    return WSAGetLastError() == WSAEWOULDBLOCK;
}
void close_native(Native socket) {
    closesocket(socket);
}
void set_blocking(Native socket, bool on) {
    u_long non_blocking = on ? 0 : 1;
    ioctlsocket(socket, FIONBIO, &non_blocking);
}
int poll_native(pollfd* polled, int limit) {
    return WSAPoll(polled, 1, limit);
}
constexpr int send_flags = 0;
using Length = int;
#else
using Native = int;
int descriptor_of(Stream stream) {
    return stream == Stream::output ? STDOUT_FILENO : STDERR_FILENO;
}
void start_network() {}
std::string last_error() {
    return std::strerror(errno);
}
bool is_pending() {
    return errno == EINPROGRESS;
}
void close_native(Native socket) {
    ::close(socket);
}
void set_blocking(Native socket, bool on) {
    const int flags = ::fcntl(socket, F_GETFL);
    ::fcntl(socket, F_SETFL, on ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}
int poll_native(pollfd* polled, int limit) {
    // A signal is looked for between transfers, so that it never looks like a device that is silent.
    int found = 0;
    do {
        found = ::poll(polled, 1, limit);
    } while (found < 0 && errno == EINTR);
    return found;
}
#ifdef MSG_NOSIGNAL
constexpr int send_flags = MSG_NOSIGNAL;
#else
constexpr int send_flags = 0;
#endif
using Length = std::size_t;
#endif

Native native(std::intptr_t socket) {
    return static_cast<Native>(socket);
}

bool wait_for(Native socket, short events, std::chrono::milliseconds limit) {
    pollfd polled{};
    polled.fd = socket;
    polled.events = events;
    return poll_native(&polled, static_cast<int>(limit.count())) > 0;
}

/// A connected socket, or nothing.
std::optional<Native> connect_to(const addrinfo& address, std::chrono::milliseconds limit) {
    const Native socket = ::socket(address.ai_family, address.ai_socktype, address.ai_protocol);
    if (socket == static_cast<Native>(-1)) return std::nullopt;
    set_blocking(socket, false);
    const bool at_once = ::connect(socket, address.ai_addr, static_cast<socklen_t>(address.ai_addrlen)) == 0;
    if (at_once || (is_pending() && wait_for(socket, POLLOUT, limit))) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(socket, SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &size);
        if (error == 0) {
            set_blocking(socket, true);
            const int on = 1;
            ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&on), sizeof on);
            return socket;
        }
#ifndef _WIN32
        errno = error;
#endif
    }
    close_native(socket);
    return std::nullopt;
}

}  // namespace

bool is_terminal(Stream stream) {
#ifdef _WIN32
    return _isatty(descriptor_of(stream)) != 0;
#else
    return ::isatty(descriptor_of(stream)) != 0;
#endif
}

bool is_terminal_input() {
#ifdef _WIN32
    return _isatty(_fileno(stdin)) != 0;
#else
    return ::isatty(STDIN_FILENO) != 0;
#endif
}

std::optional<unsigned> terminal_width(Stream stream) {
#ifdef _WIN32
    CONSOLE_SCREEN_BUFFER_INFO info;
    const auto handle = GetStdHandle(stream == Stream::output ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE);
    if (GetConsoleScreenBufferInfo(handle, &info) == 0) return std::nullopt;
    return static_cast<unsigned>(info.srWindow.Right - info.srWindow.Left + 1);
#else
    winsize size{};
    if (::ioctl(descriptor_of(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
    return size.ws_col;
#endif
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

bool is_dumb_terminal() {
    return is_terminal(Stream::output) && environment("TERM") == "dumb";
}

bool shows_unicode() {
    if (is_dumb_terminal()) return false;
#ifdef _WIN32
    return GetConsoleOutputCP() == CP_UTF8;
#else
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
        if (const auto value = environment(name); !value.empty())
            return value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos ||
                   value.find("UTF8") != std::string::npos || value.find("utf-8") != std::string::npos;
    return false;
#endif
}

void catch_interrupts() {
    std::signal(SIGINT, remember_interrupt);
    std::signal(SIGTERM, remember_interrupt);
}

bool interrupted() {
    return interrupts != 0;
}

std::string timestamp() {
    const auto now = std::time(nullptr);
    std::tm local{};
#ifdef _WIN32
    localtime_s(&local, &now);
#else
    localtime_r(&now, &local);
#endif
    std::array<char, 32> text{};
    const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S%z", &local);
    return {text.data(), length};
}

Connection::Connection(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit) {
    start_network();
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0)
        throw ConnectionError(fmt::format("the host {} is not known here ({})", host, ::gai_strerror(error)));
    std::string why = "there is no address";
    for (const addrinfo* one = found; one != nullptr && socket_ < 0; one = one->ai_next) {
        if (const auto socket = connect_to(*one, limit))
            socket_ = static_cast<std::intptr_t>(*socket);
        else
            why = last_error();
    }
    ::freeaddrinfo(found);
    if (socket_ < 0) throw ConnectionError(fmt::format("nobody answers at {}:{} ({})", host, port, why));
}

Connection::~Connection() {
    if (socket_ >= 0) close_native(native(socket_));
}

bool Connection::send(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const auto count = ::send(native(socket_), reinterpret_cast<const char*>(bytes.data()),
                                  static_cast<Length>(bytes.size()), send_flags);
        if (count <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return true;
}

Connection::Arrival Connection::receive(std::span<std::uint8_t> room, std::size_t& count,
                                        std::chrono::milliseconds limit) {
    count = 0;
    if (!wait_for(native(socket_), POLLIN, limit)) return Arrival::nothing;
    const auto got = ::recv(native(socket_), reinterpret_cast<char*>(room.data()), static_cast<Length>(room.size()), 0);
    if (got <= 0) return Arrival::ended;
    count = static_cast<std::size_t>(got);
    return Arrival::bytes;
}

}  // namespace flasher::platform
