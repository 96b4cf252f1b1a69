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

void Services::note(std::string sentence, bool refuse) {
    constexpr std::size_t kept = 1000;
    if (probing) {
        probe_failed = probe_failed || refuse;
        if (refuse) log(sentence + " (asked by the probe)");
        return;
    }
    if (pc) sentence += fmt::format(" (PC 0x{:08x})", pc());
    ++complaint_count;
    const bool is_new = std::find(complaints.begin(), complaints.end(), sentence) == complaints.end();
    if (is_new && complaints.size() < kept) {
        complaints.push_back(sentence);
        log(sentence);
    }
    if (!refuse || !refused.empty()) return;
    refused = std::move(sentence);
    attention = true;
}

std::uint32_t Peripheral::unmodelled(const char* block, std::uint32_t offset) {
    services_.complain(fmt::format("{}: no register at offset 0x{:02x} is modelled", block, offset));
    return 0;
}

std::uint32_t Peripheral::reserved(const char* block, std::uint32_t offset) {
    services_.warn(fmt::format("{}: there is no register at offset 0x{:02x}", block, offset));
    return 0;
}

std::uint32_t Peripheral::check_reserved(const char* register_name, std::uint32_t value, std::uint32_t allowed) {
    if ((value & ~allowed) != 0) {
        services_.warn(
            fmt::format("{}: write of 0x{:08x} sets reserved bits 0x{:08x}", register_name, value, value & ~allowed));
    }
    return value & allowed;
}

}  // namespace sim::chip
