// SPDX-License-Identifier: ISC
// Finds what somebody meant to write.
#include "flasher/terminal/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flasher::terminal {
namespace {

/// Levenshtein's distance, row by row.
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t changed = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string lower_case(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return result;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
    constexpr std::size_t too_far = 3;
    const auto wanted = lower_case(word);
    const auto best =
        std::ranges::min_element(candidates, {}, [&](const auto& candidate) { return distance(wanted, candidate); });
    if (best == candidates.end() || distance(wanted, *best) >= too_far) return {};
    return fmt::format(", did you mean '{}'?", *best);
}

std::string unknown_command(std::string_view word, const std::vector<std::string>& commands) {
    if (word.empty() || word.starts_with('-') || std::ranges::find(commands, word) != commands.end()) return {};
    return fmt::format("there is no command '{}'{}; choose one of: {}", word, suggestion(word, commands),
                       fmt::join(commands, " "));
}

}  // namespace flasher::terminal
