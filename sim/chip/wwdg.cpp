// SPDX-License-Identifier: ISC
// A counter kept as its value at a time, and an alarm at 0x40 and at 0x3F.
#include "sim/chip/wwdg.hpp"

#include <algorithm>

namespace sim::chip {

Wwdg::Wwdg(Services& services, const Rcc& rcc)
    : Peripheral(services, {.name = "WWDG", .base = 0x4000'2c00, .gate = Gate::apb1, .gate_bit = 11}),
      state(services),
      rcc_(rcc),
      alarm_(services, [this] { on_alarm(); }),
      line_(services, 0) {}

/// Periods of PCLK1 in a tick (20.4).
std::int64_t Wwdg::periods() const {
    return std::int64_t{4096} << field(state.cfr, 7, 2);
}

std::uint32_t Wwdg::count() const {
    if (!state.running) return state.counter;
    const auto gone = ticks_in(services_.now() - state.at, rcc_.pclk1_hz()) / periods();
    return static_cast<std::uint32_t>(std::max<std::int64_t>(std::int64_t{state.counter} - gone, 0x3f));
}

std::uint32_t Wwdg::read(std::uint32_t offset) {
    services_.side_effect = services_.side_effect || offset == 0;
    switch (offset) {
        case 0x00:
            return count() | (state.running ? 0x80 : 0);
        case 0x04:
            return state.cfr;
        case 0x08:
            return state.early_flag ? 1 : 0;
        default:
            return reserved(offset);
    }
}

void Wwdg::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    switch (offset) {
        case 0x00: {
            const std::uint32_t now = count();
            const bool outside_window = state.running && now > field(state.cfr, 0, 7);
            state.running = state.running || (value & 0x80) != 0;
            state.counter = value & 0x7f;
            state.at = services_.now();
            if (outside_window || (state.running && (value & 0x40) == 0)) {
                return services_.request_reset(ResetCause::window_watchdog);
            }
            return rearm();
        }
        case 0x04:
            latch();
            state.cfr = check_reserved("WWDG_CFR", merge(state.cfr, value, mask), 0x3ff) | (state.cfr & bit(9));
            return rearm();
        case 0x08:
            state.early_flag = false;
            return update_line();
        default:
            reserved(offset);
    }
}

void Wwdg::reset() {
    state = {};
    alarm_.cancel();
    update_line();
}

void Wwdg::latch() {
    state.counter = count();
    state.at = services_.now();
}

void Wwdg::rearm() {
    if (!state.running) return;
    const bool early_next = state.counter > 0x40;
    const std::int64_t ticks = early_next ? state.counter - 0x40 : 1;
    alarm_.set(state.at + time_of(ticks * periods(), rcc_.pclk1_hz()));
}

void Wwdg::on_alarm() {
    latch();
    if (state.counter < 0x40) return services_.request_reset(ResetCause::window_watchdog);
    state.early_flag = true;
    update_line();
    rearm();
}

void Wwdg::update_line() {
    line_.set(state.early_flag && (state.cfr & bit(9)) != 0);
}

}  // namespace sim::chip
