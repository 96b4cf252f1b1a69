// SPDX-License-Identifier: ISC
// Frames without a pause between them.
#include "sim/board/serial_input.hpp"

#include <bit>

namespace sim {

void SerialInput::send(std::uint8_t byte, std::uint32_t baud) {
    waiting_.push_back({byte, baud});
    if (line_free_.at() == never) begin();
}

void SerialInput::begin() {
    if (waiting_.empty()) return;
    const Byte byte = waiting_.front();
    waiting_.pop_front();
    constexpr std::uint32_t pce = 1U << 10, odd = 1U << 9, idle = 0xffff'ffff;
    chip::Usart& usart = *chip_.usarts.front();
    const bool parity = (usart.state.cr1 & pce) != 0;
    std::uint32_t bits = (idle << 9) | static_cast<std::uint32_t>(byte.value << 1);
    if (parity && (std::popcount(byte.value) % 2 != 0) == ((usart.state.cr1 & odd) != 0)) bits &= ~(1U << 9);
    usart.hear(bits, chip::time_of(1, byte.baud));
    line_free_.set(chip_.services.now() + chip::time_of(parity ? 11 : 10, byte.baud));
}

}  // namespace sim
