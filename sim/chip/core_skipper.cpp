// SPDX-License-Identifier: ISC
// Watched addresses, breakpoints, and the search for loops that wait.
#include "sim/chip/core_skipper.hpp"

#include <algorithm>
#include <limits>

#include <unicorn/unicorn.h>

namespace sim::chip {

namespace {
constexpr std::uint8_t watched = 1, anchored = 2, broken = 4;
}

bool Core::visit(std::uint32_t pc) {
    if ((filter_[(pc >> 1) % filter_.size()] & broken) != 0 && std::ranges::binary_search(breakpoints_, pc)) {
        want_halt(debug_event::breakpoint);
        if (pc <= it_begin_ || pc >= it_end_) return true;  // inside an IT block the halt waits for its end
    }
    if ((filter_[(pc >> 1) % filter_.size()] & watched) != 0) {
        const auto found = watches_.find(pc);
        if (found != watches_.end()) {
            for (const auto& callback : found->second)
                callback(services_.now());
        }
    }
    if (services_.clock.cycles >= skipper_->arm_at)
        choose_anchor(pc);
    else if (pc == skipper_->anchor)
        compare_round();
    return false;
}

void Core::place_breakpoints() {
    for (std::uint8_t& entry : filter_)
        entry &= static_cast<std::uint8_t>(~broken);
    breakpoints_.clear();
    if (!chip_.debug.state.enabled) return;
    breakpoints_ = chip_.fpb.breakpoints();
    const auto more = chip_.dwt.breakpoints();
    breakpoints_.insert(breakpoints_.end(), more.begin(), more.end());
    std::ranges::sort(breakpoints_);
    for (const std::uint32_t address : breakpoints_)
        filter_[(address >> 1) % filter_.size()] |= broken;
}

void Core::choose_anchor(std::uint32_t pc) {
    Skipper& skip = *skipper_;
    if (!services_.options.skip_waiting_loops) {
        skip.arm_at = std::numeric_limits<std::int64_t>::max();
        return;
    }
    if ((skip.anchor & 1) == 0) {  // the present one led to nothing
        filter_[(skip.anchor >> 1) % filter_.size()] &= static_cast<std::uint8_t>(~anchored);
        skip.anchor = 1;
        skip.seen = false;
        skip.patience = std::min(skip.patience * 2, Skipper::longest);
        skip.arm_at = services_.clock.cycles + skip.patience;
        return;
    }
    skip.anchor = pc;
    filter_[(pc >> 1) % filter_.size()] |= anchored;
    skip.arm_at = services_.clock.cycles + Skipper::give_up;
    compare_round();
}

void Core::compare_round() {
    Skipper& skip = *skipper_;
    const auto registers = [this] {
        std::array<std::uint32_t, 17> all{};
        for (int number = 0; number < 15; ++number)
            all[static_cast<std::size_t>(number)] = reg(number);
        all[15] = xpsr();
        all[16] = expected_pc_;
        return all;
    };
    const auto now = registers();
    Services& services = services_;
    const bool quiet = skip.seen && !services.side_effect && now == skip.registers;
    // RAM is copied only once the registers came back: a loop that works changes them every round.
    if (quiet && skip.ram_seen && std::ranges::equal(chip_.ram, skip.ram)) {
        const std::int64_t round = services.clock.cycles - skip.cycle;
        const std::int64_t rounds = (deadline_ - services.clock.cycles) / round - 2;
        if (rounds > 0) services.clock.cycles += rounds * round;
        skip.patience = Skipper::shortest;
        skip.arm_at = services.clock.cycles + Skipper::give_up;
    } else {
        skip.registers = now;
        skip.ram_seen = quiet;
        if (quiet) skip.ram.assign(chip_.ram.begin(), chip_.ram.end());
    }
    skip.seen = true;
    skip.cycle = services.clock.cycles;
    services.side_effect = false;
}

// "1: subs rN, #1; bne 1b" does nothing but count: of its rounds all but the last few may be left out, at the price
// that the one before had.
void Core::skip_countdown(std::uint32_t pc, std::uint16_t code) {
    constexpr std::uint16_t back_to_it = 0xd1fd;  // BNE by -4 from here + 4
    Skipper& skip = *skipper_;
    const std::int64_t now = services_.clock.cycles;
    const bool again = skip.countdown == pc && skip.countdown_visit + 2 == instructions;
    const std::int64_t round = now - skip.countdown_cycle;
    skip.countdown = pc;
    skip.countdown_visit = instructions;
    skip.countdown_cycle = now;
    const std::uint8_t* const next = memory(pc + 2, 2);
    if (!again || next == nullptr || (next[0] | next[1] << 8) != back_to_it) return;
    if (!services_.options.skip_waiting_loops || (filter_[(pc >> 1) % filter_.size()] & (watched | broken)) != 0)
        return;
    if ((filter_[((pc >> 1) + 1) % filter_.size()] & broken) != 0) return;
    const int counter = code >> 8 & 7;
    const std::int64_t left = reg(counter);
    const std::int64_t rounds = std::min(left - 2, (deadline_ - now) / round - 2);
    if (rounds <= 0) return;
    set_reg(UC_ARM_REG_R0 + counter, static_cast<std::uint32_t>(left - rounds));
    services_.clock.cycles += rounds * round;
    skip.countdown_cycle = services_.clock.cycles;
}

}  // namespace sim::chip
