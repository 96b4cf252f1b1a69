// SPDX-License-Identifier: ISC
// Messages on a virtual board's socket as text (docs/virtual-board-socket.md): requests are read strictly, answers and
// states are written.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "sim/serve/live_board.hpp"

namespace sim::serve {

/// A message that is no request; what() is a clause for people.
class RequestError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// One request, its fields as the text has them; which are needed depends on `action`.
struct BoardRequest {
    std::uint32_t id = 0;
    std::string action;
    std::array<std::uint32_t, 4> setup{};  ///< bmRequestType, bRequest, wValue, wIndex.
    std::size_t setup_fields = 0;
    std::uint32_t length = 0;
    std::vector<std::uint8_t> data;
    std::optional<bool> value;
};

/// Reads a JSON object of exactly these fields. Throws RequestError.
[[nodiscard]] BoardRequest parse_request(std::string_view text);

[[nodiscard]] std::string answer_text(std::uint32_t id, std::string_view result,
                                      const std::vector<std::uint8_t>& data = {}, std::string_view detail = {});
[[nodiscard]] std::string state_text(std::string_view name, const BoardState& state);
/// A JSON string with its quotes.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace sim::serve
