// SPDX-License-Identifier: ISC
// The controls of the virtual boards as lines of text: what the server's console understands.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/serve/served_board.hpp"

namespace sim::serve::usbip {

using Boards = std::vector<std::unique_ptr<ServedBoard>>;

inline constexpr const char* console_help =
    "list | button BUSID on|off | boot0 BUSID on|off | reset BUSID | power BUSID on|off | cut BUSID OPERATION | help";

/// Carries out one line and gives the answer: lines that end in "ok", or one that begins with
/// "error: ".
[[nodiscard]] std::string carry_out(std::string_view line, const Boards& boards);

}  // namespace sim::serve::usbip
