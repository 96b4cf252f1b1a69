// SPDX-License-Identifier: ISC
// The counter. It is kept as its value at a time; an alarm rings at its next overflow or match.
#include "sim/chip/timer.hpp"

#include <algorithm>

#include "sim/chip/timer_bits.hpp"

namespace sim::chip {

using namespace timer_bits;

Timer::Timer(Services& services, const Rcc& rcc, AlternatePins pins, const TimerKind& kind)
    : Peripheral(services, kind.place),
      state(services),
      rcc_(rcc),
      pins_(pins),
      kind_(kind),
      next_event_(services, [this] { settle_counter(); }),
      dead_time_over_(services, [this] { drive_all(); }),
      filtered_(services, [this] { look_at_inputs(); }),
      requests_(services, kind.dma, state.burst),
      update_line_(services, kind.update_interrupt),
      compare_line_(services, kind.compare_interrupt),
      break_line_(services, kind.break_interrupt),
      trigger_line_(services, kind.trigger_interrupt) {}

bool Timer::clocked() const {
    const Place& at = place();
    return rcc_.enabled(at.gate, at.gate_bit) && !rcc_.held_in_reset(at.gate, at.gate_bit);
}

bool Timer::centred() const {
    return field(state.cr1, 5, 2) != 0 && !is_encoder();
}

/// The internal clock counts, and not edges from outside (15.3.3).
bool Timer::running() const {
    const std::uint32_t slave = slave_mode();
    return (state.cr1 & cen) != 0 && clocked() && !is_encoder() && slave != external_clock && (state.smcr & ece) == 0 &&
           (slave != gated_mode || state.gate);
}

void Timer::reset() {
    const TimerState before = state;
    state = {};
    state.at = services_.now();
    state.driven = before.driven;
    state.driven_complement = before.driven_complement;
    drive_all();
    next_event_.cancel();
    filtered_.cancel();
    requests_.reset();
    update_line();
}

void Timer::latch() {
    if (latching_) return;
    latching_ = true;
    catch_up();
    latching_ = false;
}

void Timer::catch_up() {
    const std::uint32_t hz = rcc_.timer_hz(place().gate);
    while (running()) {
        const std::int64_t hz_ticks = ticks_in(services_.now() - state.at, hz);
        const std::int64_t divider = std::int64_t{state.active_psc} + 1;
        const std::int64_t gone = hz_ticks / divider, next = ticks_to_event();
        if (gone < next || next == 0) {
            if (gone > 0) advance(gone);
            state.in_prescaler = static_cast<std::uint32_t>(hz_ticks - gone * divider);
            return;
        }
        advance(next);
        state.in_prescaler = 0;
        event();
    }
    // Standing still, with what is in the prescaler.
    state.at = services_.now() - (state.in_prescaler == 0 ? Time{} : time_of(state.in_prescaler, hz));
}

/// An edge of an external clock (15.3.3).
void Timer::count_edge() {
    if ((state.cr1 & cen) == 0 || state.in_prescaler++ < state.active_psc) return;
    state.in_prescaler = 0;
    const std::int64_t next = ticks_to_event();
    if (next == 0) return;
    move(1);
    if (next == 1) event();
}

/// Ticks until the counter wraps, turns or meets a compare value; 0: it never does.
std::int64_t Timer::ticks_to_event() const {
    if (state.active_arr == 0) return 0;  // 15.3.1: the counter is blocked
    const std::int64_t now = state.counter;
    // A counter beyond ARR runs on to 0xFFFF before it wraps.
    const std::int64_t top = now > std::int64_t{state.active_arr} ? 0xffff : std::int64_t{state.active_arr};
    const bool both_ways = centred();
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

void Timer::move(std::int64_t ticks) {
    const std::int64_t moved = state.down ? -ticks : ticks;
    state.counter = static_cast<std::uint32_t>(std::int64_t{state.counter} + moved) & 0x1ffff;
}

void Timer::advance(std::int64_t ticks) {
    move(ticks);
    state.at += time_of(ticks * (std::int64_t{state.active_psc} + 1), rcc_.timer_hz(place().gate));
}

/// The counter has just reached what ticks_to_event() saw.
void Timer::event() {
    if (centred()) {
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

/// A flag rises: the DMA is asked, where DIER wants that, and a trigger output that shows compares gives a pulse.
void Timer::happened(unsigned what) {
    state.sr |= bit(what);
    const bool waits_for_update = (state.cr2 & ccds) != 0;  // 15.4.2
    const std::uint32_t compares = state.dier >> 8 & 0x1e;
    std::uint32_t asked = state.dier >> 8 & bit(what);
    if (waits_for_update) asked = what == update ? asked | compares : asked & ~compares;
    requests_.raise(asked);
    if (what == compare1 && master_mode() == on_compare1) pulse_trigger();
}

/// EGR: events that software asks for.
void Timer::generate(std::uint32_t events) {
    constexpr std::uint32_t breaking = bit(7);
    if ((events & breaking) != 0 && kind_.advanced) break_outputs();
    if ((events & bit(trigger)) != 0) happened(trigger);
    if ((events & bit(commutation)) != 0 && kind_.advanced) commute();
    for (std::size_t channel = 0; channel < TimerState::channels; ++channel) {
        const auto flag = compare1 + static_cast<unsigned>(channel);
        if ((events & bit(flag)) == 0) continue;
        if (is_input(channel))
            capture(channel);
        else
            happened(flag);
    }
    if ((events & 1) != 0) reinitialise();
}

/// By UG, or by a trigger in reset mode; the prescaler starts over, too (15.4.6).
void Timer::reinitialise() {
    state.counter = state.down && !centred() ? state.arr : 0;
    state.in_prescaler = 0;
    state.at = services_.now();
    if (master_mode() == on_reset) pulse_trigger();
    update_event(true);
}

void Timer::update_event(bool asked_for) {
    if ((state.cr1 & udis) != 0) return;
    if (!asked_for && state.periods_left > 0) {
        --state.periods_left;
        return;
    }
    state.periods_left = kind_.advanced ? state.rcr : 0;
    state.active_psc = state.psc;
    state.active_arr = state.arr;
    state.active_ccr = state.ccr;
    if (!state.filtered[etr]) state.cleared = {};
    if (!(asked_for && (state.cr1 & urs) != 0)) happened(update);
    if (!asked_for && (state.cr1 & opm) != 0) state.cr1 &= ~cen;
    restore_outputs();
    if (asked_for) compare_all();
    if (master_mode() == on_update) pulse_trigger();
    update_line();
}

void Timer::rearm() {
    if (clocked()) look_at_inputs();
    settle_counter();
}

void Timer::settle_counter() {
    latch();
    look_at_trigger_output();
    const std::int64_t ticks = running() ? ticks_to_event() : 0;
    if (ticks == 0) return next_event_.cancel();
    const std::int64_t whole = ticks * (std::int64_t{state.active_psc} + 1);
    next_event_.set(state.at + time_of(whole, rcc_.timer_hz(place().gate)));
}

void Timer::update_line() {
    const std::uint32_t pending = state.sr & state.dier;
    const bool updated = (pending & bit(update)) != 0, others = (pending & 0x5e) != 0;
    if (kind_.advanced) {
        update_line_.set(updated);
        break_line_.set((pending & 0x80) != 0);
        trigger_line_.set((pending & 0x60) != 0);
        return compare_line_.set((pending & 0x1e) != 0);
    }
    update_line_.set(updated || others);
}

}  // namespace sim::chip
