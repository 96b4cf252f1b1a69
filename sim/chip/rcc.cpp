// SPDX-License-Identifier: ISC
// RCC behaviour. Sections are those of RM0008 rev 21.
#include "sim/chip/rcc.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace sim::chip {

namespace {

// Start-up times: datasheet DS5319 tables 21 (HSE with an 8 MHz crystal), 24 (HSI), 27 (PLL), 25 (LSI), 23 (LSE).
constexpr Time hsi_start{2'000'000};
constexpr Time pll_lock{200'000'000};
constexpr Time lsi_start{85'000'000};
constexpr Time lse_start{3'000'000'000'000};

enum Offset : std::uint32_t {
    cr = 0x00,
    cfgr = 0x04,
    cir = 0x08,
    apb2rstr = 0x0c,
    apb1rstr = 0x10,
    ahbenr = 0x14,
    apb2enr = 0x18,
    apb1enr = 0x1c,
    bdcr = 0x20,
    csr = 0x24
};
constexpr std::uint32_t cfgr_mask = 0x077f'fff3;
constexpr std::uint32_t cfgr_pll_fields = 0x003f'0000;  // PLLSRC, PLLXTPRE, PLLMUL
constexpr std::uint32_t usbpre = bit(22);
constexpr std::uint32_t ahbenr_mask = 0x0000'0557;
constexpr std::uint32_t apb2_mask = 0x0038'fffd;
constexpr std::uint32_t apb1_mask = 0x3afe'c9ff;

}  // namespace

Rcc::Rcc(Services& services, const Pwr& pwr, const Flash& flash, const BoardWiring& wiring)
    : Peripheral(services,
                 {.name = "RCC", .base = 0x4002'1000, .widths = any_width, .gate = Gate::always, .reset_bit = false}),
      state(services),
      pwr_(pwr),
      flash_(flash),
      wiring_(wiring),
      hsi_ready_(services,
                 [this] {
                     state.hsi_ready = true;
                     oscillator_ready(2);
                 }),
      hse_ready_(services,
                 [this] {
                     state.hse_ready = true;
                     oscillator_ready(3);
                 }),
      pll_ready_(services,
                 [this] {
                     state.pll_ready = true;
                     oscillator_ready(4);
                 }),
      lsi_ready_(services,
                 [this] {
                     state.lsi_ready = true;
                     oscillator_ready(0);
                 }),
      lse_ready_(services,
                 [this] {
                     change_clock([this] { state.bdcr |= bit(1); });
                     oscillator_ready(1);
                 }),
      line_(services, 5) {}

void Rcc::reset() {
    const RccState old = state;
    state = RccState{};
    state.bdcr = old.bdcr;
    state.csr_flags = old.csr_flags;
    for (Alarm* const alarm : {&hsi_ready_, &hse_ready_, &pll_ready_, &lsi_ready_})
        alarm->cancel();
    state.hse_failed = old.hse_failed;
    services_.clock.set_hz(factory_hsi_hz);
}

void Rcc::power_lost() {
    reset();
    state.csr_flags = 0;
}

void Rcc::note_reset(ResetCause cause) {
    constexpr std::uint32_t pin = bit(26);
    switch (cause) {
        case ResetCause::power_on:
            state.csr_flags = bit(27) | pin;
            break;
        case ResetCause::pin:
            state.csr_flags |= pin;
            break;
        case ResetCause::software:
            state.csr_flags |= bit(28) | pin;
            break;
        case ResetCause::independent_watchdog:
            state.csr_flags |= bit(29) | pin;
            break;
        case ResetCause::window_watchdog:
            state.csr_flags |= bit(30) | pin;
            break;
    }
}

void Rcc::force_lsi() {
    if (state.lsi_on) return;
    state.lsi_on = true;
    lsi_ready_.set(services_.now() + lsi_start);
}

std::uint32_t Rcc::read(std::uint32_t offset) {
    switch (offset) {
        case cr:
            return (state.hsi_on ? bit(0) : 0) | (state.hsi_ready ? bit(1) : 0) | state.hsitrim << 3 |
                   (state.hse_on ? bit(16) : 0) | (state.hse_ready ? bit(17) : 0) | (state.hse_bypass ? bit(18) : 0) |
                   (state.css_on ? bit(19) : 0) | (state.pll_on ? bit(24) : 0) | (state.pll_ready ? bit(25) : 0);
        case cfgr:
            return state.cfgr | state.sws << 2;
        case cir:
            return state.cir_enable << 8 | state.cir_flags | (state.css_flag ? bit(7) : 0);
        case apb2rstr:
            return state.apb2rstr;
        case apb1rstr:
            return state.apb1rstr;
        case ahbenr:
            return state.ahbenr;
        case apb2enr:
            return state.apb2enr;
        case apb1enr:
            return state.apb1enr;
        case bdcr:
            return state.bdcr;
        case csr:
            return state.csr_flags | (state.lsi_on ? bit(0) : 0) | (state.lsi_ready ? bit(1) : 0);
        default:
            return reserved(offset);
    }
}

void Rcc::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    switch (offset) {
        case cr:
            return write_cr(merge(read(cr), value, mask));
        case cfgr:
            return write_cfgr(merge(read(cfgr), value, mask));
        case cir:
            state.cir_enable = field(merge(read(cir), value, mask), 8, 5);
            state.cir_flags &= ~field(value & mask, 16, 8);
            if ((value & mask & bit(23)) != 0) state.css_flag = false;
            return update_line();
        case apb2rstr:
        case apb1rstr: {
            const bool second = offset == apb2rstr;
            std::uint32_t& now = second ? state.apb2rstr : state.apb1rstr;
            now = check_reserved(second ? "RCC_APB2RSTR" : "RCC_APB1RSTR", merge(now, value, mask),
                                 second ? apb2_mask : apb1_mask);
            return reset_peripherals(second ? Gate::apb2 : Gate::apb1, now);
        }
        case ahbenr:
            value = check_reserved("RCC_AHBENR", merge(state.ahbenr, value, mask), ahbenr_mask);
            return change_clock([this, value] { state.ahbenr = value; });
        case apb2enr:
            value = check_reserved("RCC_APB2ENR", merge(state.apb2enr, value, mask), apb2_mask);
            return change_clock([this, value] { state.apb2enr = value; });
        case apb1enr:
            value = check_reserved("RCC_APB1ENR", merge(state.apb1enr, value, mask), apb1_mask);
            return change_clock([this, value] { state.apb1enr = value; });
        case bdcr:
            return write_bdcr(merge(state.bdcr, value, mask));
        case csr:
            if ((value & mask & bit(24)) != 0) state.csr_flags = 0;
            if ((mask & bit(0)) != 0) {
                if ((value & bit(0)) != 0) return force_lsi();
                state.lsi_on = state.lsi_ready = false;
                lsi_ready_.cancel();
            }
            return;
        default:
            reserved(offset);
    }
}

void Rcc::write_cr(std::uint32_t value) {
    // 7.3.1: an oscillator that drives SYSCLK, directly or through the PLL, cannot be switched off.
    const bool pll_drives = state.sws == pll;
    const bool hse_feeds_pll = (state.cfgr & bit(16)) != 0;
    const bool hsi_needed = state.sws == hsi || (pll_drives && !hse_feeds_pll);
    const bool hse_needed = state.sws == hse || (pll_drives && hse_feeds_pll);

    if (const std::uint32_t trim = field(value, 3, 5); trim != state.hsitrim)
        change_clock([this, trim] { state.hsitrim = trim; });  // 7.2.2: 40 kHz a step
    const bool hsi_wanted = (value & bit(0)) != 0 || hsi_needed;
    if (hsi_wanted && !state.hsi_on) hsi_ready_.set(services_.now() + hsi_start);
    if (!hsi_wanted) {
        state.hsi_ready = false;
        hsi_ready_.cancel();
    }
    state.hsi_on = hsi_wanted;

    if (!state.hse_on) state.hse_bypass = (value & bit(18)) != 0;
    const bool hse_wanted = (value & bit(16)) != 0 || hse_needed;
    const bool hse_starts = hse_wanted && !state.hse_on;
    if (!hse_wanted) {
        state.hse_ready = false;
        hse_ready_.cancel();
    }
    state.hse_on = hse_wanted;
    if (hse_starts) start_hse();
    state.css_on = (value & bit(19)) != 0;

    const bool pll_wanted = (value & bit(24)) != 0 || pll_drives;
    if (!pll_wanted) {
        state.pll_ready = false;
        pll_ready_.cancel();
    }
    const bool pll_starts = pll_wanted && !state.pll_on;
    state.pll_on = pll_wanted;
    if (pll_starts) start_pll();
}

// 7.2.1: HSEBYP feeds a clock from outside; a crystal does not swing then.
void Rcc::start_hse() {
    const bool runs = wiring_.hse_hz != 0 && wiring_.hse_start != never && !state.hse_failed;
    if (!runs || (state.hse_bypass && !wiring_.hse_is_clock)) return;
    hse_ready_.set(services_.now() + (state.hse_bypass ? hsi_start : wiring_.hse_start));
}

void Rcc::fail_crystal(bool failed) {
    state.hse_failed = failed;
    if (!failed) {
        if (state.hse_on) start_hse();
        return;
    }
    hse_ready_.cancel();
    if (!std::exchange(state.hse_ready, false)) return;
    const bool pll_from_hse = (state.cfgr & bit(16)) != 0;
    const bool drives = state.sws == hse || (state.sws == pll && pll_from_hse);
    if (!state.css_on) {
        if (drives) services_.complain("RCC: the crystal failed, and the core has no clock: CSSON was not set (7.2.7)");
        return;
    }
    // 7.2.7: HSE off, and the PLL that it feeds; the HSI takes over; NMI until CSSC.
    change_clock([&] {
        state.hse_on = state.css_on = false;
        if (pll_from_hse) state.pll_on = state.pll_ready = false;
        if (!drives) return;
        state.hsi_on = state.hsi_ready = true;
        state.sws = hsi;
        state.cfgr &= ~std::uint32_t{3};
    });
    pll_ready_.cancel();
    state.css_flag = true;
    clock_security();
}

// 7.2.3: its source must run before the PLL is switched on; one that is switched on too early never locks.
void Rcc::start_pll() {
    const bool source_ready = (state.cfgr & bit(16)) != 0 ? state.hse_ready : state.hsi_ready;
    if (source_ready) return pll_ready_.set(services_.now() + pll_lock);
    services_.warn("RCC_CR: PLLON before the PLL's source is ready (7.2.3): it does not lock");
}

void Rcc::write_cfgr(std::uint32_t value) {
    value = check_reserved("RCC_CFGR", value & ~std::uint32_t{0xc}, cfgr_mask);
    if (((value ^ state.cfgr) & cfgr_pll_fields) != 0 && state.pll_on) {
        services_.warn(
            "RCC_CFGR: PLLSRC, PLLXTPRE and PLLMUL can be written only while the PLL is off "
            "(7.3.2)");
        value = merge(value, state.cfgr, cfgr_pll_fields);
    }
    if (((value ^ state.cfgr) & usbpre) != 0 && enabled(Gate::apb1, 23)) {
        services_.warn("RCC_CFGR: USBPRE cannot change while the USB clock is enabled (7.3.2)");
        value |= state.cfgr & usbpre;  // set it may be, cleared it cannot
    }
    if (field(value, 0, 2) == 3) services_.warn("RCC_CFGR: SW = 3 is not allowed (7.3.2)");
    change_clock([this, value] { state.cfgr = value; });
    switch_if_ready();
}

void Rcc::switch_if_ready() {
    const std::uint32_t wanted = field(state.cfgr, 0, 2);
    if (wanted == state.sws) return;
    const bool ready = wanted == hsi   ? state.hsi_ready
                       : wanted == hse ? state.hse_ready
                       : wanted == pll ? state.pll_ready
                                       : false;
    if (!ready) return;
    change_clock([this, wanted] { state.sws = wanted; });
}

void Rcc::change_clock(const std::function<void()>& change) {
    for (Peripheral* const peripheral : services_.peripherals)
        peripheral->latch();
    change();
    services_.clock.set_hz(hclk_hz());
    services_.attention = true;
    check_limits();
    for (Peripheral* const peripheral : services_.peripherals)
        peripheral->rearm();
}

void Rcc::reset_peripherals(Gate gate, std::uint32_t bits) {
    for (Peripheral* const peripheral : services_.peripherals) {
        const Place& place = peripheral->place();
        if (place.reset_bit && place.gate == gate && (bits & bit(place.gate_bit)) != 0) peripheral->reset();
    }
}

void Rcc::check_limits() {
    constexpr std::uint32_t most = 72'000'000, most_apb1 = 36'000'000, per_wait_state = 24'000'000;
    const auto check = [this](const char* name, std::uint32_t hz, std::uint32_t limit) {
        if (hz <= limit) return;
        auto sentence = fmt::format("RCC: {} at {} Hz, {} MHz is the most (7.2)", name, hz, limit / 1'000'000);
        if (services_.options.strict)
            services_.complain(std::move(sentence));
        else
            services_.warn(std::move(sentence));
    };
    check("SYSCLK", sysclk_hz(), most);
    check("PCLK1", pclk1_hz(), most_apb1);
    const std::uint32_t waits = flash_.wait_states();
    if (sysclk_hz() > per_wait_state * (waits + 1)) {
        services_.complain(
            fmt::format("FLASH_ACR: {} wait states are too few for {} Hz (PM0075 2.3.1)", waits, sysclk_hz()));
    }
}

void Rcc::write_bdcr(std::uint32_t value) {
    if (!pwr_.backup_writable()) return;  // 7.3.9: protected by DBP, silently.
    if ((value & bit(16)) != 0) {
        lse_ready_.cancel();
        for (Peripheral* const peripheral : services_.peripherals)
            peripheral->reset_backup_domain();
        state.bdcr = bit(16);
        return;
    }
    value = check_reserved("RCC_BDCR", value, 0x0001'8307) & ~bit(1);
    const bool starts = (value & ~state.bdcr & bit(0)) != 0;
    if (starts && wiring_.lse_hz != 0) lse_ready_.set(services_.now() + lse_start);
    const std::uint32_t ready = (value & bit(0)) != 0 ? state.bdcr & bit(1) : 0;
    if ((value & bit(0)) == 0) lse_ready_.cancel();
    // 7.3.9: RTCSEL is set once; only a reset of the backup domain takes it back.
    constexpr std::uint32_t rtcsel = 0x300;
    if ((state.bdcr & rtcsel) != 0 && ((value ^ state.bdcr) & rtcsel) != 0) {
        services_.warn("RCC_BDCR: RTCSEL changes with BDRST only (7.3.9)");
        value = merge(value, state.bdcr, rtcsel);
    }
    change_clock([this, value, ready] { state.bdcr = value | ready; });
}

void Rcc::oscillator_ready(unsigned flag) {
    state.cir_flags |= state.cir_enable & bit(flag);
    update_line();
    switch_if_ready();
}

void Rcc::update_line() {
    line_.set((state.cir_flags & state.cir_enable) != 0);
}

}  // namespace sim::chip
