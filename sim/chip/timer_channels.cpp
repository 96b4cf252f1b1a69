// SPDX-License-Identifier: ISC
// Channels of a timer: compare, PWM, capture, commutation (RM0008 14.3.6 to 14.3.10, 14.3.13, 15.3.5 to 15.3.9).
#include <fmt/format.h>

#include "sim/chip/timer.hpp"

namespace sim::chip {

namespace {
enum Mode : std::uint32_t {
    frozen,
    active_on_match,
    inactive_on_match,
    toggle,
    force_inactive,
    force_active,
    pwm1,
    pwm2
};
// CR2.CCPC: OCxM, CCxE and CCxNE of the channels with two outputs wait for a commutation (14.3.13).
constexpr std::array<std::uint32_t, 2> preloaded_modes{0x7070, 0x0070};
constexpr std::uint32_t preloaded_enables = 0x0555;
}  // namespace

bool Timer::is_input(std::size_t channel) const {
    return (state.ccmr[channel / 2] >> (8 * (channel % 2)) & 3) != 0;
}

std::uint32_t Timer::mode(std::size_t channel) const {
    return state.active_ccmr[channel / 2] >> (8 * (channel % 2) + 4) & 7;
}

void Timer::write_ccmr(std::size_t pair, std::uint32_t value) {
    if (lock_level() == 3) {  // OCxM and OCxPE of outputs (14.4.18)
        for (std::size_t channel = 2 * pair; channel < 2 * pair + 2; ++channel)
            if (!is_input(channel)) value = merge(value, state.ccmr[pair], 0x78U << (8 * (channel % 2)));
    }
    state.ccmr[pair] = value;
    state.active_ccmr[pair] = merge(value, state.active_ccmr[pair], (state.cr2 & 1) != 0 ? preloaded_modes[pair] : 0);
    for (std::size_t channel = 2 * pair; channel < 2 * pair + 2; ++channel) {
        const std::uint32_t selection = value >> (8 * (channel % 2)) & 3;
        if (selection == 3) services_.complain(fmt::format("{}: capture on TRC is not modelled", place().name));
        if (!is_input(channel) && (value >> (8 * (channel % 2)) & bit(3)) == 0)
            state.active_ccr[channel] = state.ccr[channel];
        compare(channel);
        drive(channel);
    }
}

void Timer::write_ccer(std::uint32_t value) {
    constexpr std::uint32_t polarities = 0x2aaa;
    if (lock_level() >= 2) value = merge(value, state.ccer, polarities);
    state.ccer = value;
    state.active_ccer = merge(value, state.active_ccer, (state.cr2 & 1) != 0 ? preloaded_enables : 0);
    drive_all();
}

void Timer::commute() {
    state.sr |= bit(5);
    state.active_ccmr = state.ccmr;
    state.active_ccer = state.ccer;
    compare_all();
    drive_all();
}

void Timer::compare_all() {
    for (std::size_t channel = 0; channel < TimerState::channels; ++channel)
        compare(channel);
}

/// What the counter's present value means for a channel.
void Timer::compare(std::size_t channel) {
    if (is_input(channel)) return;
    const std::uint32_t value = state.active_ccr[channel];
    const bool match = state.counter == value && (state.cr1 & 1) != 0;
    if (match) state.sr |= bit(1 + static_cast<unsigned>(channel));
    // 15.3.9: up, active below the compare value; down, inactive above it.
    const bool below = state.down ? state.counter <= value : state.counter < value;
    switch (mode(channel)) {
        case frozen:
            return;
        case active_on_match:
            if (match) set_reference(channel, true);
            return;
        case inactive_on_match:
            if (match) set_reference(channel, false);
            return;
        case toggle:
            if (match) set_reference(channel, !state.reference[channel]);
            return;
        case force_inactive:
            return set_reference(channel, false);
        case force_active:
            return set_reference(channel, true);
        case pwm1:
            return set_reference(channel, below);
        default:
            return set_reference(channel, !below);
    }
}

void Timer::capture(std::size_t channel) {
    const std::uint32_t flag = bit(1 + static_cast<unsigned>(channel));
    if ((state.sr & flag) != 0) state.sr |= flag << 8;  // CCxOF
    state.sr |= flag;
    state.ccr[channel] = state.counter;
}

void Timer::on_pin(Pin changed, Level level) {
    if (kind_.advanced && changed == pins_.pin(kind_.break_input)) look_at_break();
    for (std::size_t channel = 0; channel < TimerState::channels; ++channel) {
        if (!is_input(channel) || (output_bits(channel) & 1) == 0) continue;
        // CCxS 1: the channel's own input; 2: that of its neighbour.
        const std::uint32_t selection = state.ccmr[channel / 2] >> (8 * (channel % 2)) & 3;
        const std::size_t input = selection == 1 ? channel : channel ^ 1;
        const bool falling = (output_bits(channel) & 2) != 0;
        if (pins_.pin(kind_.channels[input]) != changed || (level == Level::low) != falling) continue;
        latch();
        capture(channel);
        update_line();
    }
}

}  // namespace sim::chip
