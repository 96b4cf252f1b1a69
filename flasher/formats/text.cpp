// SPDX-License-Identifier: ISC
// Lines of record files.
#include "flasher/formats/text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "flasher/image.hpp"

namespace flasher {
namespace {

constexpr std::uint8_t control_z = 0x1A;

bool is_blank(std::uint8_t c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\0';
}

Bytes trimmed(Bytes text) {
    while (!text.empty() && is_blank(text.back()))
        text = text.first(text.size() - 1);
    while (!text.empty() && is_blank(text.front()))
        text = text.subspan(1);
    return text;
}

Bytes without_comment(Bytes text) {
    if (text.size() >= 2 && text[0] == '/' && text[1] == '/') return {};
    const auto comment = std::ranges::find_if(text, [](std::uint8_t c) { return c == ';' || c == '#'; });
    return trimmed(text.first(static_cast<std::size_t>(comment - text.begin())));
}

}  // namespace

RecordLines::RecordLines(Bytes file) {
    constexpr std::array<std::uint8_t, 3> byte_order_mark{0xEF, 0xBB, 0xBF};
    if (file.size() >= 3 && std::ranges::equal(file.first(3), byte_order_mark)) file = file.subspan(3);
    left_ = file.first(static_cast<std::size_t>(std::ranges::find(file, control_z) - file.begin()));
}

std::optional<RecordLine> RecordLines::next() {
    while (!left_.empty()) {
        const auto end = static_cast<std::size_t>(std::ranges::find(left_, std::uint8_t{'\n'}) - left_.begin());
        const auto text = without_comment(trimmed(left_.first(end)));
        left_ = left_.subspan(std::min(end + 1, left_.size()));
        ++number_;
        if (!text.empty()) return RecordLine{.text = text, .number = number_};
    }
    return std::nullopt;
}

void fail_line(const char* format, std::size_t line, const std::string& what) {
    throw ImageError(fmt::format("line {} of the {} text {}", line, format, what));
}

std::vector<std::uint8_t> decode_digits(Bytes digits, const char* format, std::size_t line) {
    const auto nibble = [&](std::uint8_t c) {
        if (!is_hex_digit(c))
            fail_line(format, line, fmt::format("has the character {:#04x} where a hex digit belongs", c));
        return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    };
    if (digits.size() % 2 != 0) fail_line(format, line, "has half a byte at its end");
    std::vector<std::uint8_t> bytes;
    bytes.reserve(digits.size() / 2);
    for (std::size_t i = 0; i < digits.size(); i += 2)
        bytes.push_back(static_cast<std::uint8_t>(nibble(digits[i]) << 4 | nibble(digits[i + 1])));
    return bytes;
}

void append_digits(std::string& text, std::uint8_t byte) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    text += digits[byte >> 4];
    text += digits[byte & 15];
}

}  // namespace flasher
