// SPDX-License-Identifier: ISC
// Finds what somebody meant to write.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace flasher::terminal {

/// ", did you mean 'bluepill'?" for the candidate that is at most two letters away from `word` (added, dropped or
/// changed), capitals aside; empty when there is none.
[[nodiscard]] std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

/// ASCII letters in lower case.
[[nodiscard]] std::string lower_case(std::string_view text);

/// A sentence about the first argument of a program with subcommands, when it is none of them; empty for a command, an
/// option, or nothing at all.
[[nodiscard]] std::string unknown_command(std::string_view word, const std::vector<std::string>& commands);

}  // namespace flasher::terminal
