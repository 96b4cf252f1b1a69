// SPDX-License-Identifier: ISC
// Sentences that a terminal is too narrow for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "flasher/platform/platform.hpp"

namespace flasher::terminal {

/// `text` with line breaks in place of blanks, so that no line has more than `size` columns, where words allow it. The
/// first line begins at column `begin` already; the others get `indent` blanks. Lines of their own in `text` stay.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t size, std::size_t begin, std::size_t indent);

/// The same for where `stream` leads to: as it is where that is no terminal, so that a log keeps one line a sentence.
[[nodiscard]] std::string wrapped(std::string_view text, platform::Stream stream, std::size_t begin,
                                  std::size_t indent);

}  // namespace flasher::terminal
