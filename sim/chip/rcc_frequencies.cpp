// SPDX-License-Identifier: ISC
// What each clock runs at, and which peripheral gets one (RM0008 sections 7.2 and 7.3).
#include <algorithm>

#include "sim/chip/rcc.hpp"

namespace sim::chip {

namespace {

constexpr std::uint32_t hsi_step_hz = 40'000, factory_trim = 16;

}  // namespace

std::uint32_t Rcc::source_hz(std::uint32_t source) const {
    if (source == hse) return wiring_.hse_hz;
    return source == pll ? pll_hz() : hsi_hz();
}

std::uint32_t Rcc::hsi_hz() const {
    return factory_hsi_hz + hsi_step_hz * state.hsitrim - hsi_step_hz * factory_trim;
}

bool Rcc::held_in_reset(Gate gate, unsigned number) const {
    const std::uint32_t held = gate == Gate::apb2 ? state.apb2rstr : gate == Gate::apb1 ? state.apb1rstr : 0;
    return (held & bit(number)) != 0;
}

std::uint32_t Rcc::pll_hz() const {
    const std::uint32_t factor = std::min<std::uint32_t>(field(state.cfgr, 18, 4) + 2, 16);
    const bool from_hse = (state.cfgr & bit(16)) != 0;
    const bool halved = !from_hse || (state.cfgr & bit(17)) != 0;
    return (from_hse ? wiring_.hse_hz : hsi_hz()) / (halved ? 2 : 1) * factor;
}

std::uint32_t Rcc::prescaler(std::uint32_t code) {
    return code < 4 ? 1 : 2u << (code - 4);
}

std::uint32_t Rcc::hclk_hz() const {
    const std::uint32_t code = field(state.cfgr, 4, 4);
    static constexpr std::uint32_t divisors[] = {2, 4, 8, 16, 64, 128, 256, 512};
    return sysclk_hz() / (code < 8 ? 1 : divisors[code - 8]);
}

std::uint32_t Rcc::timer_hz(Gate gate) const {
    const std::uint32_t divider = field(state.cfgr, gate == Gate::apb2 ? 11 : 8, 3);
    return divider < 4 ? pclk_hz(gate) : 2 * pclk_hz(gate);
}

std::uint32_t Rcc::rtc_hz(std::uint32_t lsi_hz) const {
    constexpr std::uint32_t rtcen = bit(15), lse_ready = bit(1);
    if ((state.bdcr & rtcen) == 0) return 0;
    switch (field(state.bdcr, 8, 2)) {
        case 1:
            return (state.bdcr & lse_ready) != 0 ? wiring_.lse_hz : 0;
        case 2:
            return state.lsi_ready ? lsi_hz : 0;
        case 3:
            return state.hse_ready ? wiring_.hse_hz / 128 : 0;
        default:
            return 0;
    }
}

std::uint32_t Rcc::usb_hz() {
    if (!state.pll_ready) return 0;
    if ((state.cfgr & bit(16)) == 0 && !state.usb_from_hsi_noted) {
        state.usb_from_hsi_noted = true;
        services_.log("USB runs from the HSI, which no datasheet promises to be exact enough");
    }
    return (state.cfgr & bit(22)) != 0 ? pll_hz() : pll_hz() / 3 * 2;
}

bool Rcc::enabled(Gate gate, unsigned number) const {
    switch (gate) {
        case Gate::always:
            return true;
        case Gate::ahb:
            return (state.ahbenr & bit(number)) != 0;
        case Gate::apb1:
            return (state.apb1enr & bit(number)) != 0;
        case Gate::apb2:
            return (state.apb2enr & bit(number)) != 0;
    }
    return false;
}

}  // namespace sim::chip
