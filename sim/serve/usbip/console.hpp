// SPDX-License-Identifier: ISC
// A person's hands on the virtual boards, as lines of text: what the server's console understands.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/serve/usbip/exported_board.hpp"

namespace sim::usbip {

using Boards = std::vector<std::unique_ptr<ExportedBoard>>;

inline constexpr const char* console_help = "list | button BUSID on|off | reset BUSID | power BUSID on|off | help";

/// Carries out one line and gives the answer: lines that end in "ok", or one that begins with
/// "error: ".
[[nodiscard]] std::string carry_out(std::string_view line, const Boards& boards);

}  // namespace sim::usbip
