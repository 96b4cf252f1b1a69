// SPDX-License-Identifier: ISC
// Between USB/IP's words and those of the virtual bus.
#pragma once

#include <optional>

#include "sim/serve/served_board.hpp"
#include "sim/serve/usbip/protocol.hpp"

namespace sim::serve::usbip {

/// What the list and the answer to an import say about a board's device; nothing without one.
[[nodiscard]] std::optional<DeviceFacts> facts_of(const ServedBoard& board);

/// Nothing for a control transfer whose setup packet names another length or direction than the
/// command does.
[[nodiscard]] std::optional<TransferRequest> request_of(Submit submit);

[[nodiscard]] TransferStatus status_of(TransferEnd end);

}  // namespace sim::serve::usbip
