// SPDX-License-Identifier: ISC
// Finds what somebody meant to write.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sim::commands {

/// ", did you mean 'bluepill'?" for the candidate that is at most two letters away from `word` (added, dropped or
/// changed), capitals aside; empty when there is none.
[[nodiscard]] std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

/// ASCII letters in lower case.
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace sim::commands
