// SPDX-License-Identifier: ISC
// What figures must reach.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/figure.hpp"

namespace bench {

/// Limits of one figure. `goal` is what the project has set itself; `most` and `least` are what is defended: the run
/// fails beyond them. A goal that is missed today is shown, and is not a failure.
struct Budget {
    std::string_view key;  ///< Of the figure.
    std::optional<double> most;
    std::optional<double> least;
    std::optional<double> goal;
};

/// The table.
[[nodiscard]] std::span<const Budget> budgets();

/// The budget of a figure; nothing when it has none.
[[nodiscard]] const Budget* find(std::span<const Budget> budgets, std::string_view key);

/// One sentence for each figure beyond its budget, for each budget without a figure, and for each that states no limit.
[[nodiscard]] std::vector<std::string> breaches(const std::vector<Section>& sections, std::span<const Budget> budgets);

}  // namespace bench
