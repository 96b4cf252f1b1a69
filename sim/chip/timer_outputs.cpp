// SPDX-License-Identifier: ISC
// From the reference signals to the pins: polarity, complementary outputs with their dead time, off and idle states,
// the break, and what BDTR.LOCK freezes (RM0008 14.3.11, 14.3.12, 14.4.9, 14.4.18).
#include <algorithm>

#include "sim/chip/timer.hpp"

namespace sim::chip {

namespace {
constexpr std::uint32_t ossi = bit(10), ossr = bit(11), bke = bit(12), bkp = bit(13), aoe = bit(14), moe = bit(15);
constexpr std::uint32_t break_flag = bit(7);

Level level_of(bool high) {
    return high ? Level::high : Level::low;
}
}  // namespace

/// CCxE, CCxP, CCxNE, CCxNP; channel 4 has the first two.
std::uint32_t Timer::output_bits(std::size_t channel) const {
    return state.active_ccer >> (4 * channel) & 0xf;
}

bool Timer::has_complement(std::size_t channel) const {
    return kind_.advanced && channel < kind_.complementary.size();
}

/// 14.4.18, DTG: in steps of tDTS, 2, 8 and 16 of them.
Time Timer::dead_time() const {
    const std::int64_t coded = field(state.bdtr, 0, 8);
    const std::int64_t steps = coded < 0x80   ? coded
                               : coded < 0xc0 ? (64 + (coded & 0x3f)) * 2
                               : coded < 0xe0 ? (32 + (coded & 0x1f)) * 8
                                              : (32 + (coded & 0x1f)) * 16;
    return time_of(steps * sampling_clocks(), rcc_.timer_hz(place().gate));
}

/// Table 84.
Timer::Outputs Timer::outputs(std::size_t channel) const {
    const std::uint32_t how = output_bits(channel);
    const bool reference = state.reference[channel];
    const bool enabled = (how & 1) != 0 && !is_input(channel), inverted = (how & 2) != 0;
    if (!kind_.advanced)
        return {.main = enabled ? std::optional(level_of(reference != inverted)) : std::nullopt, .complement = {}};

    const bool complement = has_complement(channel);
    const bool n_enabled = complement && (how & 4) != 0, n_inverted = complement && (how & 8) != 0;
    const bool any = enabled || n_enabled;
    const Time dead = complement ? dead_time() : Time{};
    if ((state.bdtr & moe) == 0) {
        if (!any || (state.bdtr & ossi) == 0) return {};
        const bool settled = services_.now() >= state.outputs_off_since + dead;
        const std::uint32_t idle = field(state.cr2, 8 + 2 * static_cast<unsigned>(channel), 2);
        return {
            .main = level_of(settled ? (idle & 1) != 0 : inverted),
            .complement = complement ? std::optional(level_of(settled ? (idle & 2) != 0 : n_inverted)) : std::nullopt};
    }
    if (enabled && n_enabled) {
        const bool settled = services_.now() >= state.reference_since[channel] + dead;
        return {.main = level_of((reference && settled) != inverted),
                .complement = level_of((!reference && settled) != n_inverted)};
    }
    const bool off_driven = any && (state.bdtr & ossr) != 0;
    Outputs result;
    if (enabled)
        result.main = level_of(reference != inverted);
    else if (off_driven)
        result.main = level_of(inverted);
    if (n_enabled)
        result.complement = level_of(reference != n_inverted);
    else if (off_driven && complement)
        result.complement = level_of(n_inverted);
    return result;
}

void Timer::drive_pin(std::optional<Pin>& driven, Pin pin, std::optional<Level> level) {
    if (driven && (!level || *driven != pin)) {
        pins_.drive(*driven, std::nullopt);
        driven.reset();
    }
    if (!level) return;
    driven = pin;
    pins_.drive(pin, level);
}

void Timer::drive(std::size_t channel) {
    const Outputs now = outputs(channel);
    drive_pin(state.driven[channel], pins_.pin(kind_.channels[channel]), now.main);
    if (has_complement(channel))
        drive_pin(state.driven_complement[channel], pins_.pin(kind_.complementary[channel]), now.complement);
}

void Timer::drive_all() {
    for (std::size_t channel = 0; channel < TimerState::channels; ++channel)
        drive(channel);
    watch_dead_times();
    look_at_trigger_output();
}

/// What a dead time holds back is driven when it is over.
void Timer::watch_dead_times() {
    if (!kind_.advanced) return;
    const Time dead = dead_time(), now = services_.now();
    Time next = never;
    const auto consider = [&](Time since) {
        if (since + dead > now) next = std::min(next, since + dead);
    };
    for (const Time since : state.reference_since)
        consider(since);
    consider(state.outputs_off_since);
    if (next == never)
        dead_time_over_.cancel();
    else
        dead_time_over_.set(next);
}

void Timer::set_reference(std::size_t channel, bool active) {
    if (state.reference[channel] == active) return;
    state.reference[channel] = active;
    if (has_complement(channel)) state.reference_since[channel] = services_.now();
    drive(channel);
    watch_dead_times();
    look_at_trigger_output();
}

// --- main output and break ---

bool Timer::break_active() const {
    const Level active = (state.bdtr & bkp) != 0 ? Level::high : Level::low;
    return (state.bdtr & bke) != 0 && pins_.level(kind_.break_input) == active;
}

void Timer::set_main_output(bool on) {
    if (((state.bdtr & moe) != 0) == on) return;
    state.bdtr ^= moe;
    if (!on) state.outputs_off_since = services_.now();
    drive_all();
}

void Timer::break_outputs() {
    state.sr |= break_flag;
    set_main_output(false);
    update_line();
}

void Timer::look_at_break() {
    if (kind_.advanced && break_active()) break_outputs();
}

/// 14.3.12, 7.2.7: the clock security system is a break, too, where breaks are enabled.
void Timer::clock_failed() {
    if (kind_.advanced && clocked() && (state.bdtr & bke) != 0) break_outputs();
}

/// 14.4.18: with AOE the next update event switches the outputs on again, unless the break is still there.
void Timer::restore_outputs() {
    if (kind_.advanced && (state.bdtr & aoe) != 0 && !break_active()) set_main_output(true);
}

/// 14.4.18: the first write of BDTR decides about LOCK until the next reset.
void Timer::write_bdtr(std::uint32_t value) {
    constexpr std::uint32_t lock_bits = 0x300, level1 = 0x70ff, level2 = level1 | ossi | ossr;
    const std::uint32_t level = lock_level();
    const std::uint32_t frozen = (state.lock_decided ? lock_bits : 0) | (level >= 2 ? level2 : level >= 1 ? level1 : 0);
    if (((value ^ state.bdtr) & frozen & ~lock_bits) != 0)
        services_.warn("TIM1_BDTR: LOCK keeps what is to be changed (14.4.18)");
    const std::uint32_t wanted = merge(value, state.bdtr, frozen);
    state.lock_decided = true;
    state.bdtr = merge(wanted, state.bdtr, moe);
    set_main_output((wanted & moe) != 0 && !break_active());
    look_at_break();
    drive_all();
}

}  // namespace sim::chip
