// SPDX-License-Identifier: ISC
// Framing and numbers.
#include "sim/debug/gdb_packet.hpp"

#include <charconv>

#include <fmt/format.h>

namespace sim::debug {
namespace {

constexpr char escape = '}', escape_bit = 0x20, interrupt = 0x03;

std::uint8_t checksum(std::string_view text) {
    unsigned sum = 0;
    for (const char one : text)
        sum += static_cast<std::uint8_t>(one);
    return static_cast<std::uint8_t>(sum);
}

std::string unescaped(std::string_view raw) {
    std::string text;
    for (std::size_t at = 0; at < raw.size(); ++at) {
        const bool escaped = raw[at] == escape && at + 1 < raw.size();
        text += escaped ? static_cast<char>(raw[++at] ^ escape_bit) : raw[at];
    }
    return text;
}

}  // namespace

void GdbPacketReader::feed(std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes)
        take(static_cast<char>(byte));
}

void GdbPacketReader::take(char byte) {
    switch (state_) {
        case State::between:
            if (byte == '-') events_.push_back({GdbEvent::Kind::resend, {}});
            if (byte == interrupt) events_.push_back({GdbEvent::Kind::interrupt, {}});
            if (byte != '$') return;
            raw_.clear();
            too_long_ = false;
            state_ = State::payload;
            return;
        case State::payload:
            if (byte == '$') {  // a new one begins where the last was cut
                raw_.clear();
                too_long_ = false;
            } else if (byte == '#') {
                state_ = State::checksum_high;
            } else if (raw_.size() < largest_packet) {
                raw_ += byte;
            } else {
                too_long_ = true;
            }
            return;
        case State::checksum_high:
            checksum_high_ = byte;
            state_ = State::checksum_low;
            return;
        case State::checksum_low:
            checksum_low_ = byte;
            state_ = State::between;
            return finish();
    }
}

void GdbPacketReader::finish() {
    const char digits[] = {checksum_high_, checksum_low_};
    const auto given = from_hex({digits, 2});
    if (too_long_ || !given || given->front() != checksum(raw_))
        events_.push_back({GdbEvent::Kind::damaged, {}});
    else
        events_.push_back({GdbEvent::Kind::packet, unescaped(raw_)});
}

std::optional<GdbEvent> GdbPacketReader::next() {
    if (events_.empty()) return std::nullopt;
    GdbEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
}

std::string gdb_frame(std::string_view payload) {
    std::string escaped;
    for (const char one : payload) {
        const bool special = one == '$' || one == '#' || one == escape || one == '*';
        if (special) escaped += escape;
        escaped += special ? static_cast<char>(one ^ escape_bit) : one;
    }
    return fmt::format("${}#{:02x}", escaped, checksum(escaped));
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes)
        text += fmt::format("{:02x}", byte);
    return text;
}

std::optional<std::vector<std::uint8_t>> from_hex(std::string_view digits) {
    if (digits.size() % 2 != 0) return std::nullopt;
    std::vector<std::uint8_t> bytes;
    for (std::size_t at = 0; at < digits.size(); at += 2) {
        std::uint8_t value = 0;
        const char* const end = digits.data() + at + 2;
        const auto [stopped, error] = std::from_chars(digits.data() + at, end, value, 16);
        if (error != std::errc{} || stopped != end) return std::nullopt;
        bytes.push_back(value);
    }
    return bytes;
}

std::optional<std::uint32_t> GdbArguments::number() {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value, 16);
    if (error != std::errc{}) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
}

std::optional<std::uint32_t> GdbArguments::number_after(char separator) {
    if (!take(separator)) return std::nullopt;
    return number();
}

bool GdbArguments::take(char expected) {
    if (rest_.empty() || rest_.front() != expected) return false;
    rest_.remove_prefix(1);
    return true;
}

}  // namespace sim::debug
