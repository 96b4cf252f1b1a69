// SPDX-License-Identifier: ISC
// Channels of a timer: compare, PWM, capture, commutation (RM0008 14.3.6 to 14.3.10, 14.3.13, 15.3.5
// to 15.3.9, 15.3.11).
#include "sim/chip/timer.hpp"
#include "sim/chip/timer_bits.hpp"

namespace sim::chip {

using namespace timer_bits;

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

std::uint32_t Timer::channel_field(const std::array<std::uint32_t, 2>& ccmr, std::size_t channel, unsigned low,
                                   unsigned width) {
    return field(ccmr.at(channel / 2), 8 * static_cast<unsigned>(channel % 2) + low, width);
}

/// CCxS. 0: an output.
std::uint32_t Timer::capture_source(std::size_t channel) const {
    return channel_field(state.ccmr, channel, 0, 2);
}

std::uint32_t Timer::mode(std::size_t channel) const {
    return channel_field(state.active_ccmr, channel, 4, 3);
}

void Timer::write_ccmr(std::size_t pair, std::uint32_t value) {
    if (lock_level() == 3) {  // OCxM and OCxPE of outputs (14.4.18)
        for (std::size_t channel = 2 * pair; channel < 2 * pair + 2; ++channel)
            if (!is_input(channel)) value = merge(value, state.ccmr[pair], 0x78U << (8 * (channel % 2)));
    }
    state.ccmr[pair] = value;
    state.active_ccmr[pair] = merge(value, state.active_ccmr[pair], (state.cr2 & 1) != 0 ? preloaded_modes[pair] : 0);
    for (std::size_t channel = 2 * pair; channel < 2 * pair + 2; ++channel) {
        if (!is_input(channel) && channel_field(state.ccmr, channel, 3, 1) == 0)  // OCxPE
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
    for (std::size_t channel = 0; channel < TimerState::channels; ++channel)
        if ((output_bits(channel) & 1) == 0) state.capture_edges.at(channel) = 0;  // 15.4.7, ICxPSC
    drive_all();
}

void Timer::commute() {
    happened(commutation);
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
    if (match) happened(compare1 + static_cast<unsigned>(channel));
    if (held_low(channel)) return set_reference(channel, false);
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

/// 15.3.11, OCxCE: ETRF holds the reference low until an update event, where a mode compares.
bool Timer::held_low(std::size_t channel) {
    const std::uint32_t how = mode(channel);
    const bool compares = how != frozen && how != force_inactive && how != force_active;
    if (is_input(channel) || !compares || channel_field(state.ccmr, channel, 7, 1) == 0) return false;
    state.cleared.at(channel) = state.cleared.at(channel) || state.filtered.at(etr);
    return state.cleared.at(channel);
}

void Timer::capture(std::size_t channel) {
    const auto flag = compare1 + static_cast<unsigned>(channel);
    if ((state.sr & bit(flag)) != 0) state.sr |= bit(flag) << 8;  // CCxOF
    state.ccr[channel] = state.counter;
    happened(flag);
}

}  // namespace sim::chip
