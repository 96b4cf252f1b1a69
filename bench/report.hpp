// SPDX-License-Identifier: ISC
// Figures as Markdown for people, as JSON for programs, and in the README.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "bench/budgets.hpp"
#include "bench/figure.hpp"

namespace bench {

[[nodiscard]] std::string as_markdown(const std::vector<Section>& sections, std::span<const Budget> budgets);
[[nodiscard]] std::string as_json(const std::vector<Section>& sections);

/// Puts `text` between the lines <!-- bench:begin --> and <!-- bench:end -->. Throws
/// std::runtime_error, with the file untouched, when it does not have each of them once.
void rewrite_block(const std::filesystem::path& file, const std::string& text);

}  // namespace bench
