// SPDX-License-Identifier: ISC
// The characters of OpenOCD's remote_bitbang.
#include "sim/serve/remote_bitbang.hpp"

#include <array>

#include <fmt/format.h>

namespace sim::serve {

namespace {
constexpr Time half_period{500'000};  // of TCK at 1 MHz
}  // namespace

RemoteBitbang::RemoteBitbang(ServedBoard& board, const usbip::Endpoint& endpoint, Log log)
    : board_(board), log_(std::move(log)), listener_(endpoint), jtag_(board.machine()) {}

void RemoteBitbang::add_to(std::vector<pollfd>& polled) const {
    polled.push_back({.fd = tool_ ? tool_->descriptor() : listener_.descriptor(), .events = POLLIN, .revents = 0});
}

void RemoteBitbang::end(const std::string& why) {
    log_(fmt::format("{}: JTAG {}", board_.bus_id(), why));
    tool_.reset();
    answers_.clear();
    board_.hold_reset(false);
}

void RemoteBitbang::serve() {
    if (!tool_) {
        auto accepted = listener_.accept();
        if (!accepted) return;
        log_(fmt::format("{}: JTAG in use by {}", board_.bus_id(), accepted->peer));
        tool_.emplace(std::move(accepted->socket));
    }
    std::array<std::uint8_t, 4096> room{};
    const auto count = tool_->read(room);
    if (!count) return end("released");
    for (std::size_t at = 0; at < *count; ++at) {
        const char request = static_cast<char>(room[at]);
        if (request == 'Q') return end("released");
        // A board that is ahead of the wall clock, after an enumeration, waits for it; flash under operation must go
        // on.
        if (request >= '0' && request <= '7') board_.let_pass(half_period);
        if (!obey(request)) return end(fmt::format("dropped, 0x{:02x} is not remote_bitbang", room[at]));
    }
    while (!answers_.empty()) {
        const auto sent = tool_->write({reinterpret_cast<const std::uint8_t*>(answers_.data()), answers_.size()});
        if (!sent) return end("released");
        if (*sent == 0) return;
        answers_.erase(0, *sent);
    }
}

bool RemoteBitbang::obey(char request) {
    if (request >= '0' && request <= '7') {
        const int pins = request - '0';
        jtag_.drive((pins & 4) != 0, (pins & 2) != 0, (pins & 1) != 0);
        return true;
    }
    if (request >= 'r' && request <= 'u') {
        const int lines = request - 'r';
        if ((lines & 2) != 0) jtag_.reset();
        board_.hold_reset((lines & 1) != 0);
        return true;
    }
    if (request == 'R') answers_ += jtag_.tdo() ? '1' : '0';
    return request == 'R' || request == 'B' || request == 'b';
}

}  // namespace sim::serve
