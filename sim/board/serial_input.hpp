// SPDX-License-Identifier: ISC
// Whoever sends to USART1's receiver: bytes that are handed over together follow each other on the line, each in its
// time. Not part of the chip, so a snapshot does not hold what is still to be sent.
#pragma once

#include <cstdint>
#include <deque>

#include "sim/chip/chip.hpp"

namespace sim {

class SerialInput {
  public:
    explicit SerialInput(chip::Chip& chip) : chip_(chip), line_free_(chip.services, [this] { begin(); }) {}

    /// A byte for PA10, with the parity that the program has set: at once, or when the line is free.
    void send(std::uint8_t byte, std::uint32_t baud);
    /// Bytes that have not begun yet.
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

  private:
    struct Byte {
        std::uint8_t value = 0;
        std::uint32_t baud = 0;
    };
    void begin();

    chip::Chip& chip_;
    chip::Alarm line_free_;
    std::deque<Byte> waiting_;
};

}  // namespace sim
