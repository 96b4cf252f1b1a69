// SPDX-License-Identifier: ISC
// How lines look: colours and redrawn progress only where a person watches, blocks only where the terminal shows them.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "flasher/platform/platform.hpp"

namespace flasher::terminal {

using platform::Stream;

enum class Paint { plain, bold, dim, good, lit, bad };

/// Whether lines may be redrawn on standard output: a terminal that is not dumb.
[[nodiscard]] bool redraws();

/// `text` in `paint` where the stream is a terminal that knows colours and NO_COLOR is not set, else as it is.
[[nodiscard]] std::string painted(Paint paint, std::string_view text, Stream stream = Stream::output);

/// Columns of standard output; 80 where nobody says.
[[nodiscard]] unsigned width();

/// Columns that `text` takes: characters of UTF-8, escape sequences left out.
[[nodiscard]] std::size_t columns(std::string_view text);
/// `text` with blanks behind it up to `size` columns.
[[nodiscard]] std::string padded(std::string_view text, std::size_t size);
/// `text`, cut to `size` columns, the last of them an ellipsis where something is missing. No escape sequences.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t size);

/// A bar of `size` columns, `share` of it filled, in eighths of a column, or in '#' and '.' without Unicode.
[[nodiscard]] std::string bar(double share, std::size_t size, bool unicode = platform::shows_unicode());

/// "512.3 ms", "12.345 s", "2 min 5 s".
[[nodiscard]] std::string text_of(std::chrono::nanoseconds time, bool unicode = platform::shows_unicode());
/// "500 bytes", "56 KiB", "1.5 MiB"; exact bytes below 10 KiB and where no whole KiB.
[[nodiscard]] std::string text_of_size(std::size_t bytes);
/// "129.2 KB/s"; empty when no time has passed.
[[nodiscard]] std::string rate(std::size_t bytes, std::chrono::nanoseconds span);

/// Bytes in the terminal's characters: a tick and a cross, or words.
[[nodiscard]] std::string tick();
[[nodiscard]] std::string cross();

/// A headline with an empty line before it.
void print_title(std::string_view text);
/// "  name   value", names in one column.
void print_fact(std::string_view name, std::string_view value);

}  // namespace flasher::terminal
