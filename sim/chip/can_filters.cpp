// SPDX-License-Identifier: ISC
// Which frames reach which FIFO (RM0008 24.7.4).
#include "sim/chip/can.hpp"

namespace sim::chip {

namespace {
enum Offset : std::uint32_t { fmr = 0x200, fm1r = 0x204, fs1r = 0x20c, ffa1r = 0x214, fa1r = 0x21c, banks = 0x240 };
constexpr std::uint32_t finit = bit(0), bank_bits = (1U << can_filter_banks) - 1;

/// STID, EXID, IDE and RTR as filters of 16 bits have them: STID[10:0], RTR, IDE, EXID[17:15].
std::uint32_t narrow(std::uint32_t identifier) {
    const std::uint32_t standard = identifier >> 21;
    return standard << 5 | (identifier & bit(1)) << 3 | (identifier & bit(2)) << 1 | field(identifier, 18, 3);
}
}  // namespace

std::uint32_t* Can::filter_register(std::uint32_t offset) {
    switch (offset) {
        case fmr:
            return &state.fmr;
        case fm1r:
            return &state.fm1r;
        case fs1r:
            return &state.fs1r;
        case ffa1r:
            return &state.ffa1r;
        case fa1r:
            return &state.fa1r;
        default:
            break;
    }
    const std::size_t at = (offset - banks) / 4;
    return offset >= banks && at < state.filter.size() ? &state.filter[at] : nullptr;
}

void Can::write_filter(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    std::uint32_t* const to = filter_register(offset);
    if (to == nullptr) return void(reserved(offset));
    if (offset == fmr) {
        state.fmr = merge(state.fmr, value, mask & finit);
        return;
    }
    const bool initialising = (state.fmr & finit) != 0;
    const bool bank_is_off = offset < banks || (state.fa1r & bit((offset - banks) / 8)) == 0;
    // 24.9.4: settings need FINIT, a bank's values FINIT or a bank that is off.
    if (!initialising && (offset < fa1r || (offset >= banks && !bank_is_off)))
        return services_.warn("CAN: a filter is changed while FINIT is 0 (24.9.4)");
    *to = merge(*to, value, mask);
    if (offset < banks) *to = check_reserved("CAN filter", *to, bank_bits);
}

std::optional<Can::Match> Can::match(std::uint32_t identifier) const {
    if ((state.fmr & finit) != 0) return std::nullopt;  // 24.9.4: reception is off
    const std::uint32_t wide = identifier & ~bit(0), half = narrow(identifier);
    std::optional<Match> best;
    unsigned best_rank = 0;
    std::array<std::uint32_t, 2> index{};
    for (std::size_t bank = 0; bank < can_filter_banks; ++bank) {
        const auto is = [bank](std::uint32_t bits) { return (bits & bit(static_cast<unsigned>(bank))) != 0; };
        const bool single = is(state.fs1r), list = is(state.fm1r);
        const std::uint32_t first = state.filter[2 * bank], second = state.filter[2 * bank + 1];
        const std::size_t fifo = is(state.ffa1r) ? 1 : 0;
        const auto low = [](std::uint32_t value) { return value & 0xffff; };
        const auto high = [](std::uint32_t value) { return value >> 16; };
        const auto same = [](std::uint32_t value, std::uint32_t of, std::uint32_t mask) {
            return ((value ^ of) & mask) == 0;
        };
        std::array<bool, 4> hits{};
        unsigned filters = 1;
        if (single && list) {
            hits = {wide == (first & ~bit(0)), wide == (second & ~bit(0))};
            filters = 2;
        } else if (single) {
            hits = {same(wide, first, second & ~bit(0))};
        } else if (list) {
            hits = {half == low(first), half == high(first), half == low(second), half == high(second)};
            filters = 4;
        } else {
            hits = {same(half, low(first), high(first)), same(half, low(second), high(second))};
            filters = 2;
        }
        for (unsigned number = 0; number < filters; ++number, ++index[fifo]) {
            // A filter of 32 bits wins over one of 16, then a list over a mask, then the lower number.
            const unsigned rank = 1 + (single ? 2U : 0U) + (list ? 1U : 0U);
            if (!is(state.fa1r) || !hits[number] || rank <= best_rank) continue;
            best_rank = rank;
            best = Match{.fifo = fifo, .index = index[fifo]};
        }
    }
    return best;
}

}  // namespace sim::chip
