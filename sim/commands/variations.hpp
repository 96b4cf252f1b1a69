// SPDX-License-Identifier: ISC
// What a board of a kind may have that another has not: crystals that start late, clones, oscillators at the ends of
// their range. `--with` takes them by name.
#pragma once

#include <string>

#include "sim/board/boards.hpp"

namespace sim::commands {

/// Changes the board by NAME or NAME=VALUE. Throws UsageError that says what there is.
void apply_variation(Board& board, const std::string& variation);

/// One line a name, for --help.
[[nodiscard]] std::string variation_help();

}  // namespace sim::commands
