// SPDX-License-Identifier: ISC
// What figures must reach: bench/budgets.json.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/figure.hpp"

namespace bench {

/// Limits of one figure. `goal` is what the project has set itself; `most` and `least` are what is
/// defended: the run fails beyond them. A goal that is missed today is no failure, but shown.
struct Budget {
    std::optional<double> most;
    std::optional<double> least;
    std::optional<double> goal;
};

/// Reads {"key": {"most": 1, "least": 2, "goal": 3}, ...}. Throws std::runtime_error that names
/// file and byte.
[[nodiscard]] std::map<std::string, Budget> load_budgets(const std::filesystem::path& file);

/// One sentence for each figure beyond its budget, for each budget without a figure, and for each
/// that states no limit.
[[nodiscard]] std::vector<std::string> breaches(const std::vector<Section>& sections,
                                                const std::map<std::string, Budget>& budgets);

}  // namespace bench
