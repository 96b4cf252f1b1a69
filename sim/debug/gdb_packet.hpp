// SPDX-License-Identifier: ISC
// Packets of the GDB remote serial protocol (GDB manual, appendix E.1): framing, escapes, hexadecimal numbers. Whatever
// comes in is untrusted.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sim::debug {

/// What arrived.
struct GdbEvent {
    enum class Kind : std::uint8_t {
        packet,
        damaged,    ///< The checksum is wrong, or it is longer than `largest_packet`.
        resend,     ///< '-'
        interrupt,  ///< Ctrl-C
    };
    Kind kind = Kind::packet;
    std::string payload;  ///< Of `packet`; escapes resolved.
};

class GdbPacketReader {
  public:
    static constexpr std::size_t largest_packet = 0x4000;

    void feed(std::span<const std::uint8_t> bytes);
    [[nodiscard]] std::optional<GdbEvent> next();

  private:
    enum class State : std::uint8_t { between, payload, checksum_high, checksum_low };
    void take(char byte);
    void finish();

    State state_ = State::between;
    std::string raw_;
    bool too_long_ = false;
    char checksum_high_ = 0, checksum_low_ = 0;
    std::deque<GdbEvent> events_;
};

/// '$', the payload with its escapes, '#' and the checksum.
[[nodiscard]] std::string gdb_frame(std::string_view payload);

[[nodiscard]] std::string to_hex(std::span<const std::uint8_t> bytes);
/// Nothing unless it is an even number of hexadecimal digits.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_hex(std::string_view digits);

/// Reads the arguments of a packet from left to right.
class GdbArguments {
  public:
    explicit GdbArguments(std::string_view text) : rest_(text) {}
    /// One to eight hexadecimal digits.
    [[nodiscard]] std::optional<std::uint32_t> number();
    /// The same behind this character.
    [[nodiscard]] std::optional<std::uint32_t> number_after(char separator);
    /// The next character, if it is this one.
    [[nodiscard]] bool take(char expected);
    [[nodiscard]] std::string_view rest() const { return rest_; }
    [[nodiscard]] bool empty() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

}  // namespace sim::debug
