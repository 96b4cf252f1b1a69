// SPDX-License-Identifier: ISC
// Watchdogs: counters that nobody looks at, kept as the time at which they were last loaded.
#include "sim/chip/watchdogs.hpp"

#include <algorithm>

namespace sim::chip {

namespace {
constexpr std::uint32_t lsi_hz = 40'000;
}

// --- IWDG ---

std::uint32_t Iwdg::read(std::uint32_t offset) {
    switch (offset) {
        case 0x00:
            return 0;
        case 0x04:
            return state.pr;
        case 0x08:
            return state.rlr;
        case 0x0c:
            return 0;  // PVU and RVU: updates are taken over at once
        default:
            return reserved("IWDG", offset);
    }
}

void Iwdg::write(std::uint32_t offset, std::uint32_t value, std::uint32_t) {
    switch (offset) {
        case 0x00:
            // A reload only moves the deadline away: repeating it changes nothing that a loop could see.
            if (value == 0xaaaa) return reload();
            services_.side_effect = true;
            if (value == 0x5555)
                state.unlocked = true;
            else if (value == 0xcccc)
                start();
            else
                services_.warn("IWDG_KR: only 0xAAAA, 0x5555 and 0xCCCC are keys (19.4.1)");
            if (value != 0x5555) state.unlocked = false;
            return;
        case 0x04:
        case 0x08:
            services_.side_effect = true;
            if (!state.unlocked) return;
            if (offset == 0x04)
                state.pr = check_reserved("IWDG_PR", value, 7);
            else
                state.rlr = check_reserved("IWDG_RLR", value, 0xfff);
            return;
        default:
            reserved("IWDG", offset);
    }
}

void Iwdg::reset() {
    state = {};
    services_.alarms.cancel(Alarm::iwdg);
}

void Iwdg::start() {
    state.running = true;
    force_lsi();
    reload();
}

void Iwdg::reload() {
    state.unlocked = false;
    if (!state.running) return;
    const std::uint32_t divider = 4u << std::min<std::uint32_t>(state.pr, 6);
    state.loaded_at = services_.now();
    services_.alarms.set(Alarm::iwdg, state.loaded_at + time_of(std::int64_t{state.rlr + 1} * divider, lsi_hz));
}

// --- WWDG ---

std::uint32_t Wwdg::tick_hz() const {
    return pclk1_hz() / (4096u << field(state.cfr, 7, 2));
}

std::uint32_t Wwdg::count() const {
    if (!state.running) return state.counter;
    const auto gone = ticks_in(services_.now() - state.at, tick_hz());
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
            return reserved("WWDG", offset);
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
            take_stock();
            state.cfr = check_reserved("WWDG_CFR", merge(state.cfr, value, mask), 0x3ff) | (state.cfr & bit(9));
            return rearm();
        case 0x08:
            state.early_flag = false;
            return update_line();
        default:
            reserved("WWDG", offset);
    }
}

void Wwdg::reset() {
    state = {};
    services_.alarms.cancel(Alarm::wwdg);
    update_line();
}

void Wwdg::take_stock() {
    state.counter = count();
    state.at = services_.now();
}

void Wwdg::rearm() {
    if (!state.running) return;
    const bool early_next = state.counter > 0x40;
    const std::int64_t ticks = early_next ? state.counter - 0x40 : 1;
    services_.set_alarm(Alarm::wwdg, state.at + time_of(ticks, tick_hz()));
}

void Wwdg::on_alarm() {
    take_stock();
    if (state.counter < 0x40) return services_.request_reset(ResetCause::window_watchdog);
    state.early_flag = true;
    update_line();
    rearm();
}

void Wwdg::update_line() {
    services_.set_line(Irq::wwdg, state.early_flag && (state.cfr & bit(9)) != 0);
}

}  // namespace sim::chip
