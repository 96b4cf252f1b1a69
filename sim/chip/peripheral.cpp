// SPDX-License-Identifier: ISC
// Reserved bits and offsets, and lines that blocks share: interrupts, and requests to the DMA.
#include "sim/chip/peripheral.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace sim::chip {

std::uint32_t Peripheral::reserved(std::uint32_t offset) {
    services_.warn(fmt::format("{}: there is no register at offset 0x{:02x}", place_.name, offset));
    return 0;
}

std::uint32_t Peripheral::check_reserved(const char* register_name, std::uint32_t value, std::uint32_t allowed) {
    if ((value & ~allowed) != 0) {
        services_.warn(
            fmt::format("{}: write of 0x{:08x} sets reserved bits 0x{:08x}", register_name, value, value & ~allowed));
    }
    return value & allowed;
}

InterruptLine::InterruptLine(Services& services, unsigned number) : services_(services), number_(number) {
    services.states.add(level_);
    services.lines.push_back(this);
}

void InterruptLine::set(bool level) {
    if (level == level_) return;
    level_ = level;
    const bool shared = std::ranges::any_of(
        services_.lines, [this](const InterruptLine* line) { return line->number_ == number_ && line->level_; });
    services_.set_line(number_, shared);
}

DmaRequest::DmaRequest(Services& services, unsigned channel, std::function<void()> served)
    : services_(services), channel_(channel), served_(std::move(served)) {
    services.states.add(level_);
    services.dma_requests.push_back(this);
}

void DmaRequest::set(bool level) {
    if (level == level_) return;
    level_ = level;
    services_.dma_changed();
}

}  // namespace sim::chip
