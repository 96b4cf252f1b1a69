// SPDX-License-Identifier: ISC
// Channels of a timer: compare, PWM, capture, and the pins they have (RM0008 14.3.6 to 14.3.11, 15.3.5 to 15.3.9).
#include <fmt/format.h>

#include "sim/chip/timer.hpp"

namespace sim::chip {

namespace {
constexpr std::uint32_t main_output = bit(15), automatic_output = bit(14);
constexpr std::array<Pin, 4> none{};
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
}  // namespace

const TimerKind& tim1() {
    static const TimerKind kind{.place = {.name = "TIM1", .base = 0x4001'2c00, .gate = Gate::apb2, .gate_bit = 11},
                                .advanced = true,
                                .update_interrupt = 25,
                                .compare_interrupt = 27,
                                .remap_bit = 6,
                                .remap_width = 2,
                                .pins = {{{{{'A', 8}, {'A', 9}, {'A', 10}, {'A', 11}}},
                                          {{{'A', 8}, {'A', 9}, {'A', 10}, {'A', 11}}},
                                          none,
                                          {{{'E', 9}, {'E', 11}, {'E', 13}, {'E', 14}}}}}};
    return kind;
}

const TimerKind& tim2() {
    static const TimerKind kind{.place = {.name = "TIM2", .base = 0x4000'0000, .gate = Gate::apb1, .gate_bit = 0},
                                .advanced = false,
                                .update_interrupt = 28,
                                .compare_interrupt = 28,
                                .remap_bit = 8,
                                .remap_width = 2,
                                .pins = {{{{{'A', 0}, {'A', 1}, {'A', 2}, {'A', 3}}},
                                          {{{'A', 15}, {'B', 3}, {'A', 2}, {'A', 3}}},
                                          {{{'A', 0}, {'A', 1}, {'B', 10}, {'B', 11}}},
                                          {{{'A', 15}, {'B', 3}, {'B', 10}, {'B', 11}}}}}};
    return kind;
}

const TimerKind& tim3() {
    static const TimerKind kind{.place = {.name = "TIM3", .base = 0x4000'0400, .gate = Gate::apb1, .gate_bit = 1},
                                .advanced = false,
                                .update_interrupt = 29,
                                .compare_interrupt = 29,
                                .remap_bit = 10,
                                .remap_width = 2,
                                .pins = {{{{{'A', 6}, {'A', 7}, {'B', 0}, {'B', 1}}},
                                          none,
                                          {{{'B', 4}, {'B', 5}, {'B', 0}, {'B', 1}}},
                                          {{{'C', 6}, {'C', 7}, {'C', 8}, {'C', 9}}}}}};
    return kind;
}

const TimerKind& tim4() {
    static const TimerKind kind{
        .place = {.name = "TIM4", .base = 0x4000'0800, .gate = Gate::apb1, .gate_bit = 2},
        .advanced = false,
        .update_interrupt = 30,
        .compare_interrupt = 30,
        .remap_bit = 12,
        .remap_width = 1,
        .pins = {
            {{{{'B', 6}, {'B', 7}, {'B', 8}, {'B', 9}}}, {{{'D', 12}, {'D', 13}, {'D', 14}, {'D', 15}}}, none, none}}};
    return kind;
}

Pin Timer::pin(std::size_t channel) const {
    return kind_.pins[field(mapr_, kind_.remap_bit, kind_.remap_width)][channel];
}

bool Timer::is_input(std::size_t channel) const {
    return (state.ccmr[channel / 2] >> (8 * (channel % 2)) & 3) != 0;
}

std::uint32_t Timer::mode(std::size_t channel) const {
    return state.ccmr[channel / 2] >> (8 * (channel % 2) + 4) & 7;
}

/// CCxE and CCxP.
std::uint32_t Timer::enable_bits(std::size_t channel) const {
    return state.ccer >> (4 * channel) & 3;
}

void Timer::write_ccmr(std::size_t pair, std::uint32_t value) {
    state.ccmr[pair] = value;
    for (std::size_t channel = 2 * pair; channel < 2 * pair + 2; ++channel) {
        const std::uint32_t selection = value >> (8 * (channel % 2)) & 3;
        if (selection == 3) services_.complain(fmt::format("{}: capture on TRC is not modelled", place().name));
        if (!is_input(channel) && (value >> (8 * (channel % 2)) & bit(3)) == 0)
            state.active_ccr[channel] = state.ccr[channel];
        compare(channel);
        drive(channel);
    }
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

void Timer::set_reference(std::size_t channel, bool active) {
    if (state.reference[channel] == active) return;
    state.reference[channel] = active;
    drive(channel);
}

void Timer::drive_all() {
    if (kind_.advanced && (state.bdtr & automatic_output) != 0) state.bdtr |= main_output;
    for (std::size_t channel = 0; channel < TimerState::channels; ++channel)
        drive(channel);
}

void Timer::drive(std::size_t channel) {
    const bool enabled =
        !is_input(channel) && (enable_bits(channel) & 1) != 0 && (!kind_.advanced || (state.bdtr & main_output) != 0);
    std::optional<Pin>& driven = state.driven[channel];
    const Pin mine = pin(channel);
    if (driven && (!enabled || *driven != mine)) {
        gpio_.drive_alternate(*driven, std::nullopt);
        driven.reset();
    }
    if (!enabled) return;
    driven = mine;
    const bool inverted = (enable_bits(channel) & 2) != 0;
    gpio_.drive_alternate(mine, state.reference[channel] != inverted ? Level::high : Level::low);
}

void Timer::on_pin(Pin changed, Level level) {
    for (std::size_t channel = 0; channel < TimerState::channels; ++channel) {
        if (!is_input(channel) || (enable_bits(channel) & 1) == 0) continue;
        // CCxS 1: the channel's own input; 2: that of its neighbour.
        const std::uint32_t selection = state.ccmr[channel / 2] >> (8 * (channel % 2)) & 3;
        const std::size_t input = selection == 1 ? channel : channel ^ 1;
        const bool falling = (enable_bits(channel) & 2) != 0;
        if (pin(input) != changed || (level == Level::low) != falling) continue;
        latch();
        const std::uint32_t flag = bit(1 + static_cast<unsigned>(channel));
        if ((state.sr & flag) != 0) state.sr |= flag << 8;  // CCxOF
        state.sr |= flag;
        state.ccr[channel] = state.counter;
        update_line();
    }
}

}  // namespace sim::chip
