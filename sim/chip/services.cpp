// SPDX-License-Identifier: ISC
// Alarm queue and complaints.
#include "sim/chip/services.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace sim::chip {

void Scheduler::refresh() {
    next_ = *std::min_element(at_.begin(), at_.end());
}

bool Scheduler::take_due(Time now, Alarm& alarm) {
    if (next_ > now) return false;
    const auto first = std::min_element(at_.begin(), at_.end());
    alarm = static_cast<Alarm>(first - at_.begin());
    *first = never;
    refresh();
    return true;
}

void Services::complain(std::string sentence) {
    constexpr std::size_t kept = 1000;
    if (pc) sentence += fmt::format(" (PC 0x{:08x})", pc());
    ++complaint_count;
    if (complaints.size() < kept) complaints.push_back(sentence);
    log(sentence);
    if (options.lenient || !refused.empty()) return;
    refused = std::move(sentence);
    attention = true;
}

std::uint32_t Peripheral::unmodelled(const char* block, std::uint32_t offset) {
    services_.complain(
        fmt::format("{}: no register at offset 0x{:02x} is modelled", block, offset));
    return 0;
}

std::uint32_t Peripheral::check_reserved(const char* register_name, std::uint32_t value,
                                         std::uint32_t allowed) {
    if ((value & ~allowed) != 0) {
        services_.complain(fmt::format("{}: write of 0x{:08x} sets reserved bits 0x{:08x}",
                                       register_name, value, value & ~allowed));
    }
    return value & allowed;
}

}  // namespace sim::chip
