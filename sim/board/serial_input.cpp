// SPDX-License-Identifier: ISC
// Frames without a pause between them.
#include "sim/board/serial_input.hpp"

#include "sim/board/serial_frame.hpp"

namespace sim {

void SerialInput::send(std::uint8_t byte, std::uint32_t baud) {
    waiting_.push_back({byte, baud});
    if (line_free_.at() == never) begin();
}

void SerialInput::begin() {
    if (waiting_.empty()) return;
    const Byte byte = waiting_.front();
    waiting_.pop_front();
    constexpr std::uint32_t pce = 1U << 10, odd = 1U << 9;  // CR1: with parity, and which
    chip::Usart& usart = *chip_.usarts.front();
    const std::uint32_t cr1 = usart.state.cr1;
    const Parity parity = (cr1 & pce) == 0 ? Parity::none : (cr1 & odd) != 0 ? Parity::odd : Parity::even;
    usart.hear(serial_frame(byte.value, parity), chip::time_of(1, byte.baud));
    line_free_.set(chip_.services.now() + chip::time_of(parity == Parity::none ? 10 : 11, byte.baud));
}

}  // namespace sim
