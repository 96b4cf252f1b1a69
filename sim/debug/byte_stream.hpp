// SPDX-License-Identifier: ISC
// A connection to a tool, as the servers of this folder need it; what carries it is another folder's matter.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace sim::debug {

class ByteStream {
  public:
    virtual ~ByteStream() = default;
    /// Bytes read into `room`; 0 when there are none now; nothing when the peer has ended. Never blocks.
    [[nodiscard]] virtual std::optional<std::size_t> read(std::span<std::uint8_t> room) = 0;
    /// Sends all. False: the peer is gone.
    [[nodiscard]] virtual bool write(std::span<const std::uint8_t> bytes) = 0;
    /// Waits until there is something to read, or for so long.
    virtual void wait(std::chrono::milliseconds longest) = 0;
};

}  // namespace sim::debug
