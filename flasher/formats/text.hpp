// SPDX-License-Identifier: ISC
// Formats that are lines of hexadecimal digits: lines, comments, digits and checksummed records.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "flasher/bytes.hpp"

namespace flasher {

/// What is left of a line of a record file, and its number in the file, from 1.
struct RecordLine {
    Bytes text;
    std::size_t number = 0;
};

/// Gives the lines that hold a record one after the other: without blanks around them, a byte order mark of UTF-8,
/// comments (a line, or its rest, from ';' or '#' on, a line from "//" on), and whatever follows a Ctrl-Z.
class RecordLines {
  public:
    explicit RecordLines(Bytes file);
    [[nodiscard]] std::optional<RecordLine> next();

  private:
    Bytes left_;
    std::size_t number_ = 0;
};

[[nodiscard]] constexpr bool is_hex_digit(std::uint8_t c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/// Refuses a line: "line 7 of the Intel HEX text " and `what`. Throws ImageError.
[[noreturn]] void fail_line(const char* format, std::size_t line, const std::string& what);

/// The bytes that pairs of digits spell. Throws ImageError.
[[nodiscard]] std::vector<std::uint8_t> decode_digits(Bytes digits, const char* format, std::size_t line);

/// Two upper-case digits.
void append_digits(std::string& text, std::uint8_t byte);

}  // namespace flasher
