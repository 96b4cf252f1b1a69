// SPDX-License-Identifier: ISC
// The time base: a counter kept as its value at a time, and an alarm at its next overflow.
#include "sim/chip/timer.hpp"

namespace sim::chip {

namespace {
enum Offset : std::uint32_t {
    cr1 = 0x00,
    cr2 = 0x04,
    dier = 0x0c,
    sr = 0x10,
    egr = 0x14,
    cnt = 0x24,
    psc = 0x28,
    arr = 0x2c
};
constexpr std::uint32_t cen = bit(0), udis = bit(1), urs = bit(2), opm = bit(3), arpe = bit(7);
}  // namespace

bool Timer::running() const {
    const Place& at = place();
    return (state.cr1 & cen) != 0 && rcc_.enabled(at.gate, at.gate_bit) && !rcc_.held_in_reset(at.gate, at.gate_bit);
}

std::int64_t Timer::raw_ticks() const {
    return running() ? ticks_in(services_.now() - state.at, rcc_.timer1_hz()) / (std::int64_t{state.active_psc} + 1)
                     : 0;
}

std::uint32_t Timer::read(std::uint32_t offset) {
    switch (offset) {
        case cr1:
            return state.cr1;
        case cr2:
            return state.cr2;
        case dier:
            return state.dier;
        case sr:
            return state.sr;
        case egr:
            return 0;
        case cnt:
            services_.side_effect = services_.side_effect || running();
            return static_cast<std::uint32_t>(state.counter + raw_ticks()) & 0xffff;
        case psc:
            return state.psc;
        case arr:
            return state.arr;
        default:
            return reserved(offset);
    }
}

void Timer::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    switch (offset) {
        case cr1:
            latch();
            state.cr1 = check_reserved("TIM_CR1", merge(state.cr1, value, mask), cen | udis | urs | opm | arpe);
            return rearm();
        case cr2:
            state.cr2 = check_reserved("TIM_CR2", merge(state.cr2, value, mask), 0x70);
            return;
        case dier:
            state.dier = check_reserved("TIM_DIER", merge(state.dier, value, mask), 1);
            return update_line();
        case sr:
            state.sr &= merge(0xffff, value, mask);
            return update_line();
        case egr:
            if ((check_reserved("TIM_EGR", value & mask, 1) & 1) != 0) {
                latch();
                update_event(true);
                rearm();
            }
            return;
        case cnt:
            latch();
            state.counter = merge(state.counter, value, mask) & 0xffff;
            return rearm();
        case psc:
            state.psc = merge(state.psc, value, mask) & 0xffff;
            return;
        case arr:
            latch();
            state.arr = merge(state.arr, value, mask) & 0xffff;
            if ((state.cr1 & arpe) == 0) state.active_arr = state.arr;
            return rearm();
        default:
            reserved(offset);
    }
}

void Timer::reset() {
    state = {};
    overflow_.cancel();
    update_line();
}

void Timer::latch() {
    if (!running()) {
        state.at = services_.now();
        return;
    }
    const std::int64_t ticks = raw_ticks();
    state.counter = static_cast<std::uint32_t>(state.counter + ticks) & 0xffff;
    state.at += time_of(ticks * (std::int64_t{state.active_psc} + 1), rcc_.timer1_hz());
}

void Timer::rearm() {
    if (!running() || state.active_arr == 0) return overflow_.cancel();
    // A counter beyond ARR runs on to 0xFFFF before it wraps.
    const std::int64_t last = state.counter > state.active_arr ? 0xffff : state.active_arr;
    const std::int64_t ticks = (last - state.counter + 1) * (std::int64_t{state.active_psc} + 1);
    overflow_.set(state.at + time_of(ticks, rcc_.timer1_hz()));
}

void Timer::on_overflow() {
    latch();
    update_event(false);
    rearm();
}

void Timer::update_event(bool by_software) {
    state.counter = 0;
    if ((state.cr1 & udis) != 0) return;
    state.active_psc = state.psc;
    state.active_arr = state.arr;
    if (by_software && (state.cr1 & urs) != 0) return;
    state.sr |= 1;
    if ((state.cr1 & opm) != 0) state.cr1 &= ~cen;
    update_line();
}

void Timer::update_line() {
    line_.set((state.sr & state.dier & 1) != 0);
}

}  // namespace sim::chip
