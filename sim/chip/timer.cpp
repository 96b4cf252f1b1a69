// SPDX-License-Identifier: ISC
// Counter and registers. The counter is kept as its value at a time; an alarm rings at its next overflow or match.
#include "sim/chip/timer.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace sim::chip {

namespace {
enum Offset : std::uint32_t {
    cr1 = 0x00,
    cr2 = 0x04,
    smcr = 0x08,
    dier = 0x0c,
    sr = 0x10,
    egr = 0x14,
    ccmr1 = 0x18,
    ccmr2 = 0x1c,
    ccer = 0x20,
    cnt = 0x24,
    psc = 0x28,
    arr = 0x2c,
    rcr = 0x30,
    ccr1 = 0x34,
    ccr4 = 0x40,
    bdtr = 0x44,
    dcr = 0x48,
    dmar = 0x4c
};
constexpr std::uint32_t cen = bit(0), udis = bit(1), urs = bit(2), opm = bit(3), dir = bit(4), arpe = bit(7);
constexpr std::uint32_t update_flag = bit(0);
constexpr std::uint32_t cr1_mask = 0x3ff, advanced_flags = 0x1eff, plain_flags = 0x1e5f;

bool centred(std::uint32_t control) {
    return field(control, 5, 2) != 0;
}
}  // namespace

Timer::Timer(Services& services, const Rcc& rcc, AlternatePins pins, const TimerKind& kind)
    : Peripheral(services, kind.place),
      state(services),
      rcc_(rcc),
      pins_(pins),
      kind_(kind),
      next_event_(services, [this] { rearm(); }),
      dead_time_over_(services, [this] { drive_all(); }),
      update_line_(services, kind.update_interrupt),
      compare_line_(services, kind.compare_interrupt),
      break_line_(services, kind.break_interrupt),
      trigger_line_(services, kind.trigger_interrupt) {}

bool Timer::running() const {
    const Place& at = place();
    return (state.cr1 & cen) != 0 && rcc_.enabled(at.gate, at.gate_bit) && !rcc_.held_in_reset(at.gate, at.gate_bit);
}

std::uint32_t Timer::read(std::uint32_t offset) {
    services_.side_effect = services_.side_effect || (offset == cnt && running());
    latch();
    switch (offset) {
        case cr1:
            return (state.cr1 & ~dir) | (state.down ? dir : 0);
        case cr2:
            return state.cr2;
        case smcr:
            return state.smcr;
        case dier:
            return state.dier;
        case sr:
            return state.sr;
        case egr:
            return 0;
        case ccmr1:
        case ccmr2:
            return state.ccmr[(offset - ccmr1) / 4];
        case ccer:
            return state.ccer;
        case cnt:
            return state.counter;
        case psc:
            return state.psc;
        case arr:
            return state.arr;
        case dcr:
            return state.dcr;
        case rcr:
        case bdtr:
            if (kind_.advanced) return offset == rcr ? state.rcr : state.bdtr;
            return reserved(offset);
        default:
            break;
    }
    if (offset < ccr1 || offset > ccr4) return reserved(offset);
    const std::size_t channel = (offset - ccr1) / 4;
    if (is_input(channel)) {  // 15.4.7: reading the captured value clears its flag
        services_.side_effect = true;
        state.sr &= ~bit(1 + static_cast<unsigned>(channel));
        update_line();
    }
    return state.ccr[channel];
}

void Timer::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    latch();
    const auto refuse_if = [&](bool refused, const char* what) {
        if (refused) services_.complain(fmt::format("{}: {} is not modelled", place().name, what));
    };
    switch (offset) {
        case cr1: {
            const bool was_centred = centred(state.cr1);
            state.cr1 = check_reserved("TIM_CR1", merge(state.cr1, value, mask), cr1_mask);
            if (!centred(state.cr1)) state.down = (state.cr1 & dir) != 0;  // DIR is read-only while centred (15.4.1)
            if (centred(state.cr1) && !was_centred) state.down = false;
            break;
        }
        case cr2: {
            value = check_reserved("TIM_CR2", merge(state.cr2, value, mask), kind_.advanced ? 0x7ffd : 0xf8);
            constexpr std::uint32_t idle_states = 0x7f00;
            state.cr2 = merge(value, state.cr2, lock_level() >= 1 ? idle_states : 0);
            drive_all();
            break;
        }
        case smcr:
            state.smcr = check_reserved("TIM_SMCR", merge(state.smcr, value, mask), 0xfff7);
            refuse_if((state.smcr & 0x4007) != 0, "a slave mode or an external clock (SMCR.SMS, ECE)");
            break;
        case dier:
            state.dier = check_reserved("TIM_DIER", merge(state.dier, value, mask), 0x7fff);
            refuse_if((state.dier & 0x7f00) != 0, "a DMA request (DIER)");
            break;
        case sr:
            state.sr &= merge(0xffff, value, mask) & (kind_.advanced ? advanced_flags : plain_flags);
            break;
        case egr:
            generate(value & mask);
            break;
        case ccmr1:
        case ccmr2:
            write_ccmr((offset - ccmr1) / 4, merge(state.ccmr[(offset - ccmr1) / 4], value, mask) & 0xffff);
            break;
        case ccer:
            write_ccer(check_reserved("TIM_CCER", merge(state.ccer, value, mask), kind_.advanced ? 0x3fff : 0x3333));
            break;
        case cnt:
            state.counter = merge(state.counter, value, mask) & 0xffff;
            compare_all();
            break;
        case psc:
            state.psc = merge(state.psc, value, mask) & 0xffff;
            return;
        case arr:
            state.arr = merge(state.arr, value, mask) & 0xffff;
            if ((state.cr1 & arpe) == 0) state.active_arr = state.arr;
            break;
        case dcr:
            state.dcr = value & 0x1f1f;
            break;
        case dmar:
            refuse_if(true, "a DMA burst (DMAR)");
            break;
        case rcr:
        case bdtr:
            if (!kind_.advanced) {
                reserved(offset);
                return;
            }
            if (offset == rcr)
                state.rcr = value & 0xff;
            else
                write_bdtr(merge(state.bdtr, value, mask) & 0xffff);
            break;
        default: {
            if (offset < ccr1 || offset > ccr4) {
                reserved(offset);
                return;
            }
            const std::size_t channel = (offset - ccr1) / 4;
            if (is_input(channel)) return;  // read-only (15.4.13)
            state.ccr[channel] = merge(state.ccr[channel], value, mask) & 0xffff;
            const bool preload = (state.ccmr[channel / 2] >> (8 * (channel % 2)) & bit(3)) != 0;  // OCxPE
            if (!preload) state.active_ccr[channel] = state.ccr[channel];
            compare(channel);
        }
    }
    rearm();
    update_line();
}

void Timer::reset() {
    const TimerState before = state;
    state = {};
    state.at = services_.now();
    state.driven = before.driven;
    state.driven_complement = before.driven_complement;
    drive_all();
    next_event_.cancel();
    update_line();
}

void Timer::latch() {
    if (!running()) {
        state.at = services_.now();
        return;
    }
    for (;;) {
        const std::int64_t hz_ticks = ticks_in(services_.now() - state.at, rcc_.timer_hz(place().gate));
        const std::int64_t gone = hz_ticks / (std::int64_t{state.active_psc} + 1);
        const std::int64_t next = ticks_to_event();
        if (gone < next || next == 0) {
            if (gone > 0) advance(gone);
            return;
        }
        advance(next);
        event();
        if ((state.cr1 & cen) == 0) {  // one pulse
            state.at = services_.now();
            return;
        }
    }
}

/// Ticks until the counter wraps, turns or meets a compare value; 0: it never does.
std::int64_t Timer::ticks_to_event() const {
    if (state.active_arr == 0) return 0;  // 15.3.1: the counter is blocked
    const std::int64_t now = state.counter;
    // A counter beyond ARR runs on to 0xFFFF before it wraps.
    const std::int64_t top = now > std::int64_t{state.active_arr} ? 0xffff : std::int64_t{state.active_arr};
    const bool both_ways = centred(state.cr1);
    std::int64_t first = state.down ? now + (both_ways ? 0 : 1) : top - now + (both_ways ? 0 : 1);
    if (both_ways && first == 0) first = 1;
    for (std::size_t channel = 0; channel < TimerState::channels; ++channel) {
        if (is_input(channel)) continue;
        const std::int64_t value = state.active_ccr[channel];
        const std::int64_t distance = state.down ? now - value : value - now;
        if (distance > 0 && value <= top) first = std::min(first, distance);
    }
    return first;
}

void Timer::advance(std::int64_t ticks) {
    const std::int64_t moved = state.down ? -ticks : ticks;
    state.counter = static_cast<std::uint32_t>(std::int64_t{state.counter} + moved) & 0x1ffff;
    state.at += time_of(ticks * (std::int64_t{state.active_psc} + 1), rcc_.timer_hz(place().gate));
}

/// The counter has just reached what ticks_to_event() saw.
void Timer::event() {
    if (centred(state.cr1)) {
        const bool at_top = !state.down && state.counter >= state.active_arr;
        const bool at_bottom = state.down && state.counter == 0;
        if (at_top || at_bottom) {
            state.down = at_top;
            update_event(false);
        }
    } else if (state.counter > 0xffff || (!state.down && state.counter == state.active_arr + 1)) {
        state.counter = state.down ? state.arr : 0;
        update_event(false);
    }
    compare_all();
    update_line();
}

/// EGR: events that software asks for.
void Timer::generate(std::uint32_t events) {
    constexpr std::uint32_t commutation = bit(5), trigger = bit(6), breaking = bit(7);
    if ((events & breaking) != 0 && kind_.advanced) break_outputs();
    if ((events & trigger) != 0) state.sr |= trigger;
    if ((events & commutation) != 0 && kind_.advanced) commute();
    for (std::size_t channel = 0; channel < TimerState::channels; ++channel) {
        const std::uint32_t flag = bit(1 + static_cast<unsigned>(channel));
        if ((events & flag) == 0) continue;
        if (is_input(channel))
            capture(channel);
        else
            state.sr |= flag;
    }
    if ((events & 1) != 0) update_event(true);
}

void Timer::update_event(bool by_software) {
    if (by_software) state.counter = state.down && !centred(state.cr1) ? state.arr : 0;
    if ((state.cr1 & udis) != 0) return;
    if (!by_software && state.periods_left > 0) {
        --state.periods_left;
        return;
    }
    state.periods_left = kind_.advanced ? state.rcr : 0;
    state.active_psc = state.psc;
    state.active_arr = state.arr;
    state.active_ccr = state.ccr;
    if (!(by_software && (state.cr1 & urs) != 0)) state.sr |= update_flag;
    if (!by_software && (state.cr1 & opm) != 0) state.cr1 &= ~cen;
    restore_outputs();
    if (by_software) compare_all();
    update_line();
}

void Timer::rearm() {
    latch();
    const std::int64_t ticks = running() ? ticks_to_event() : 0;
    if (ticks == 0) return next_event_.cancel();
    const std::int64_t whole = ticks * (std::int64_t{state.active_psc} + 1);
    next_event_.set(state.at + time_of(whole, rcc_.timer_hz(place().gate)));
}

void Timer::update_line() {
    const std::uint32_t pending = state.sr & state.dier;
    const bool update = (pending & update_flag) != 0, others = (pending & 0x5e) != 0;
    if (kind_.advanced) {
        update_line_.set(update);
        break_line_.set((pending & 0x80) != 0);
        trigger_line_.set((pending & 0x60) != 0);
        return compare_line_.set((pending & 0x1e) != 0);
    }
    update_line_.set(update || others);
}

}  // namespace sim::chip
