// SPDX-License-Identifier: ISC
// Messages on a virtual board's socket as text (docs/virtual-board-socket.md): requests are read strictly, answers and
// states are written.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "sim/serve/page/board_thread.hpp"

namespace sim::serve::page {

/// A message that is not a request; what() is a clause for people.
class RequestError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// One request, its fields as the text has them; which are needed depends on `action`.
struct BoardRequest {
    std::uint32_t id = 0;
    std::string action;
    std::optional<flasher::SetupPacket> setup;  ///< wLength is left to `length` and `data`.
    std::uint16_t length = 0;
    std::vector<std::uint8_t> data;
    std::optional<bool> value;
    std::uint32_t baud = 0;
};

/// Reads a JSON object of these fields and no others. Throws RequestError.
[[nodiscard]] BoardRequest parse_request(std::string_view text);

[[nodiscard]] std::string answer_text(std::uint32_t id, std::string_view result,
                                      const std::vector<std::uint8_t>& data = {}, std::string_view detail = {});
[[nodiscard]] std::string state_text(std::string_view name, const BoardState& state);
/// What the chip sent over its serial line.
[[nodiscard]] std::string serial_text(const std::vector<std::uint8_t>& data);

struct ListedBoard {
    std::string name;
    bool adapters = false;  ///< It has what a board without a bootloader needs (Adapters).
};
/// The answer to GET /boards.
[[nodiscard]] std::string list_text(std::span<const ListedBoard> boards);

}  // namespace sim::serve::page
