// SPDX-License-Identifier: ISC
// What differs between operating systems, and nothing else: the terminal, Ctrl-C and TCP. platform.cpp is the only file
// with conditions on the system.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

namespace flasher::platform {

enum class Stream { output, error };

/// Whether a person watches.
[[nodiscard]] bool is_terminal(Stream stream);
/// Whether a person can be asked on standard input.
[[nodiscard]] bool is_terminal_input();
/// Columns of the terminal; nothing where there is none or it does not say.
[[nodiscard]] std::optional<unsigned> terminal_width(Stream stream);
/// An environment variable; empty when it is not set.
[[nodiscard]] std::string environment(const char* name);
/// Whether standard output is a terminal that calls itself dumb (TERM): it knows no escape sequence.
[[nodiscard]] bool is_dumb_terminal();
/// Whether output may hold characters beyond ASCII: going by the locale, and never on a dumb terminal.
[[nodiscard]] bool shows_unicode();

/// From now on, Ctrl-C and a request to end are remembered instead of ending the program; a second one ends it.
void catch_interrupts();
[[nodiscard]] bool interrupted();

/// Local date and time as "2026-11-21T18:51:02+01:00".
[[nodiscard]] std::string timestamp();

/// What a network peer or the way to it did. what() is a clause.
class ConnectionError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A TCP connection to a server.
class Connection {
  public:
    /// Throws ConnectionError, naming host and port.
    Connection(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// False when the peer has ended.
    [[nodiscard]] bool send(std::span<const std::uint8_t> bytes);
    /// How a wait for bytes ended.
    enum class Arrival { bytes, nothing, ended };
    /// Waits at most `limit` for bytes, and puts those that came into `room`; `count` is their number.
    [[nodiscard]] Arrival receive(std::span<std::uint8_t> room, std::size_t& count, std::chrono::milliseconds limit);

  private:
    std::intptr_t socket_ = -1;
};

}  // namespace flasher::platform
