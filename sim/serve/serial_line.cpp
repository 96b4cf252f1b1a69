// SPDX-License-Identifier: ISC
// Bytes between a tool and the chip.
#include "sim/serve/serial_line.hpp"

#include <array>
#include <span>
#include <utility>

#include <fmt/format.h>

namespace sim::serve {

SerialLine::SerialLine(ServedBoard& board, std::unique_ptr<SerialEnd> end, bool automatic, Log log)
    : board_(board), end_(std::move(end)), automatic_(automatic), log_(std::move(log)) {
    board_.machine().on_usart([this](int usart, std::uint8_t byte) {
        if (usart == 1 && open_) to_tool_.push_back(byte);  // without a listener it is lost, as on a wire
    });
}

SerialLine::~SerialLine() {
    board_.machine().on_usart({});
}

void SerialLine::add_to(std::vector<pollfd>& polled) const {
    const bool reads = open_ && board_.machine().serial_backlog() == 0;
    if (reads) polled.push_back({.fd = end_->descriptor(), .events = POLLIN, .revents = 0});
}

void SerialLine::notice(bool open) {
    if (std::exchange(open_, open) == open) return;
    to_tool_.clear();
    log_(fmt::format("{}: serial line {}", board_.bus_id(), open ? "opened" : "closed"));
    if (!automatic_) return;
    board_.machine().set_boot0(open ? Level::high : Level::low);
    board_.press_reset();
}

void SerialLine::serve() {
    notice(end_->open());
    if (!open_) return;
    // The line is slower than the tool, which waits then.
    std::array<std::uint8_t, 512> room{};
    const std::size_t backlog = board_.machine().serial_backlog();
    const std::size_t count = backlog < room.size() ? end_->read(std::span(room).first(room.size() - backlog)) : 0;
    for (std::size_t at = 0; at < count; ++at)
        board_.machine().receive_serial(room[at], end_->baud());
    const std::vector<std::uint8_t> bytes(to_tool_.begin(), to_tool_.end());
    const std::size_t sent = bytes.empty() ? 0 : end_->write(bytes);
    to_tool_.erase(to_tool_.begin(), to_tool_.begin() + static_cast<std::ptrdiff_t>(sent));
}

}  // namespace sim::serve
