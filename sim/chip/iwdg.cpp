// SPDX-License-Identifier: ISC
// A counter that nobody can read, kept as the time at which it was last loaded.
#include "sim/chip/iwdg.hpp"

#include <algorithm>

namespace sim::chip {

namespace {
constexpr std::uint32_t pvu = 1, rvu = 2;
constexpr std::int64_t update_ticks = 5;  // 19.4.4: up to five cycles of the LSI
}  // namespace

Iwdg::Iwdg(Services& services, Rcc& rcc, std::uint32_t lsi_hz)
    : Peripheral(services, {.name = "IWDG", .base = 0x4000'3000, .gate = Gate::always, .reset_bit = false}),
      state(services),
      rcc_(rcc),
      lsi_hz_(lsi_hz),
      expiry_(services, [this] { services_.request_reset(ResetCause::independent_watchdog); }) {}

std::uint32_t Iwdg::read(std::uint32_t offset) {
    switch (offset) {
        case 0x00:
            return 0;
        case 0x04:
            return state.pr;
        case 0x08:
            return state.rlr;
        case 0x0c:
            services_.side_effect = true;
            return (services_.now() < state.prescaler_taken_at ? pvu : 0) |
                   (services_.now() < state.reload_taken_at ? rvu : 0);
        default:
            return reserved(offset);
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
            {
                // 19.4.2, 19.4.3: neither can be changed while its last change is still on its way.
                Time& taken_at = offset == 0x04 ? state.prescaler_taken_at : state.reload_taken_at;
                if (services_.now() < taken_at)
                    return services_.warn("IWDG: written while PVU or RVU is set, the write is lost (19.4.4)");
                taken_at = services_.now() + time_of(update_ticks, lsi_hz_);
            }
            if (offset == 0x04)
                state.pr = check_reserved("IWDG_PR", value, 7);
            else
                state.rlr = check_reserved("IWDG_RLR", value, 0xfff);
            return;
        default:
            reserved(offset);
    }
}

void Iwdg::reset() {
    state = {};
    expiry_.cancel();
}

void Iwdg::start() {
    state.running = true;
    rcc_.force_lsi();
    reload();
}

void Iwdg::reload() {
    state.unlocked = false;
    if (!state.running) return;
    if (services_.now() >= state.prescaler_taken_at) state.active_pr = state.pr;
    if (services_.now() >= state.reload_taken_at) state.active_rlr = state.rlr;
    const std::uint32_t divider = 4u << std::min<std::uint32_t>(state.active_pr, 6);
    state.loaded_at = services_.now();
    expiry_.set(state.loaded_at + time_of(std::int64_t{state.active_rlr + 1} * divider, lsi_hz_));
}

}  // namespace sim::chip
