// SPDX-License-Identifier: ISC
// Snapshots of the blocks' states, and complaints.
#include "sim/chip/services.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace sim::chip {

std::vector<std::byte> States::save() const {
    std::vector<std::byte> saved;
    for (const std::span<std::byte> range : ranges_)
        saved.insert(saved.end(), range.begin(), range.end());
    return saved;
}

void States::load(std::span<const std::byte> saved) {
    std::size_t at = 0;
    for (const std::span<std::byte> range : ranges_) {
        if (at + range.size() > saved.size()) break;
        std::ranges::copy(saved.subspan(at, range.size()), range.begin());
        at += range.size();
    }
    if (at != saved.size()) throw std::logic_error("this snapshot belongs to a chip that is built differently");
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

}  // namespace sim::chip
