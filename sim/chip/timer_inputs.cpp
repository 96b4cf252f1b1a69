// SPDX-License-Identifier: ISC
// A timer's inputs: from the pins through filters and prescalers to captures and trigger signals
// (RM0008 14.3.6, 14.3.17, 15.3.3, 15.3.5, 15.3.13). They act at once: the two or three clocks of resynchronisation are
// not counted.
#include <algorithm>

#include "sim/chip/timer.hpp"
#include "sim/chip/timer_bits.hpp"

namespace sim::chip {

using namespace timer_bits;

/// 15.4.1, CKD: a period of fDTS in those of the timer's clock.
std::int64_t Timer::sampling_clocks() const {
    return std::int64_t{1} << std::min(field(state.cr1, 8, 2), 2U);
}

/// How long a level must hold to pass (15.4.3 ETF, 15.4.7 ICxF).
Time Timer::filter_time(std::size_t input) const {
    struct Filter {
        std::int64_t divider, samples;
    };
    static constexpr std::array<Filter, 12> slow{
        {{2, 6}, {2, 8}, {4, 6}, {4, 8}, {8, 6}, {8, 8}, {16, 5}, {16, 6}, {16, 8}, {32, 5}, {32, 6}, {32, 8}}};
    const std::uint32_t code = input == etr      ? field(state.smcr, 8, 4)
                               : is_input(input) ? channel_field(state.ccmr, input, 4, 4)
                                                 : 0;
    if (code == 0) return {};
    const std::int64_t clocks =
        code < 4 ? std::int64_t{1} << code : sampling_clocks() * slow.at(code - 4).divider * slow.at(code - 4).samples;
    return time_of(clocks, rcc_.timer_hz(place().gate));
}

/// TIx before the filter; ETRP.
bool Timer::raw_input(std::size_t input) const {
    const auto high = [this](const SignalPins& signal) { return pins_.level(signal) == Level::high; };
    if (input == etr) {
        const unsigned divider = field(state.smcr, 12, 2);
        if (divider == 0) return high(kind_.etr) != ((state.smcr & etp) != 0);
        return (state.etr_edges >> (divider - 1) & 1) != 0;
    }
    const bool own = high(kind_.channels.at(input));
    if (input == 0 && (state.cr2 & ti1s) != 0)
        return own != (high(kind_.channels[1]) != high(kind_.channels[2]));  // 15.3.13
    return own;
}

/// TIxFPx: after filter and polarity.
bool Timer::input_active(std::size_t input) const {
    return state.filtered.at(input) != ((output_bits(input) & 2) != 0);
}

void Timer::on_pin(Pin changed, Level level) {
    if (kind_.advanced && changed == pins_.pin(kind_.break_input)) look_at_break();
    if (!clocked()) return;
    const auto is_at = [&](const SignalPins& signal) { return pins_.pin(signal) == changed; };
    if (is_at(kind_.etr) && (level == Level::high) != ((state.smcr & etp) != 0)) ++state.etr_edges;
    if (is_at(kind_.etr) || std::ranges::any_of(kind_.channels, is_at)) look_at_inputs();
}

/// Passes on what has changed and held for long enough.
void Timer::look_at_inputs() {
    Time next = never;
    for (std::size_t input = 0; input < TimerState::inputs; ++input) {
        const bool high = raw_input(input);
        Time& settles = state.settles.at(input);
        if (high == state.filtered.at(input)) {
            settles = never;
            continue;
        }
        if (settles == never) settles = services_.now() + filter_time(input);
        if (settles > services_.now()) {
            next = std::min(next, settles);
            continue;
        }
        settles = never;
        state.filtered.at(input) = high;
        on_input(input);
    }
    if (next == never)
        filtered_.cancel();
    else
        filtered_.set(next);
}

void Timer::on_input(std::size_t input) {
    latch();
    const bool active = input == etr ? state.filtered.at(etr) : input_active(input);
    if (input == etr) {
        on_external_trigger(active);
    } else {
        capture_input(input);
        if (input == 0) {
            on_trigger(ti1f_ed, true, false);
            on_trigger(ti1fp1, active, active);
        }
        if (input == 1) on_trigger(ti2fp2, active, active);
        if (is_encoder() && input < 2) count_encoder(input);
    }
    settle_counter();
    update_line();
}

/// CCxS 1: the channel's own input; 2: that of its neighbour.
void Timer::capture_input(std::size_t input) {
    for (const std::size_t channel : {input, input ^ 1}) {
        const std::uint32_t wanted = channel == input ? 1 : 2;
        const bool falling = (output_bits(channel) & 2) != 0;
        if (capture_source(channel) == wanted && state.filtered.at(input) != falling) capture_edge(channel);
    }
}

/// ICxPSC lets each, each second, fourth or eighth edge pass (15.4.7).
void Timer::capture_edge(std::size_t channel) {
    if ((output_bits(channel) & 1) == 0) return;
    const std::uint32_t every = 1U << channel_field(state.ccmr, channel, 2, 2);
    std::uint8_t& edges = state.capture_edges.at(channel);
    if (++edges < every) return;
    edges = 0;
    capture(channel);
}

/// ETRF: a clock, a trigger, and what clears references (15.3.3, 15.3.11).
void Timer::on_external_trigger(bool active) {
    if (active && (state.smcr & ece) != 0) count_edge();
    on_trigger(etrf, active, active);
    for (std::size_t channel = 0; active && channel < TimerState::channels; ++channel)
        if (held_low(channel)) set_reference(channel, false);
}

}  // namespace sim::chip
