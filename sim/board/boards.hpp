// SPDX-License-Identifier: ISC
// The boards that dapboot is built for, as wiring and chip: data for programs and tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/chip/variant.hpp"
#include "sim/chip/wiring.hpp"

namespace sim {

struct Board {
    std::string id;     ///< As in firmware file names: lower case, such as "bluepill".
    std::string title;  ///< For people.
    ChipVariant chip;
    BoardWiring wiring;
};

[[nodiscard]] const std::vector<Board>& boards();

/// The board with this id, or nullptr.
[[nodiscard]] const Board* find_board(std::string_view id);

/// `chip` with another flash size: 64, 128, 256 or 512 KiB, with the page size and RAM that ST
/// gives such a part. Throws std::invalid_argument for others.
[[nodiscard]] ChipVariant with_flash_size(ChipVariant chip, unsigned kib);

}  // namespace sim
