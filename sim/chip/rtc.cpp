// SPDX-License-Identifier: ISC
// The counter is kept as its value and phase at a time; an alarm rings at each second. Sections are RM0008's.
#include "sim/chip/rtc.hpp"

#include <fmt/format.h>

namespace sim::chip {

namespace {
enum Offset : std::uint32_t {
    crh = 0x00,
    crl = 0x04,
    prlh = 0x08,
    prll = 0x0c,
    divh = 0x10,
    divl = 0x14,
    cnth = 0x18,
    cntl = 0x1c,
    alrh = 0x20,
    alrl = 0x24
};
constexpr std::uint32_t secf = bit(0), alrf = bit(1), owf = bit(2), rsf = bit(3), cnf = bit(4), rtoff = bit(5);
constexpr std::int64_t write_cycles = 3;  // 18.3.4: the least that a write takes

std::uint32_t with_half(std::uint32_t whole, bool high, std::uint32_t half) {
    return high ? (whole & 0xffff) | half << 16 : (whole & 0xffff'0000) | half;
}
}  // namespace

Rtc::Rtc(Services& services, const Rcc& rcc, const Pwr& pwr, std::uint32_t lsi_hz, std::function<void()> alarm)
    : Peripheral(services, {.name = "RTC", .base = 0x4000'2800, .gate = Gate::always, .reset_bit = false}),
      state(services),
      rcc_(rcc),
      pwr_(pwr),
      lsi_hz_(lsi_hz),
      alarm_(std::move(alarm)),
      next_second_(services, [this] { rearm(); }),
      line_(services, 3) {}

std::uint32_t Rtc::read(std::uint32_t offset) {
    services_.side_effect = true;  // time passes in it
    latch();
    const bool is_synchronised = state.synchronised <= services_.now();
    // 18.3.3: after a reset, or without APB1 for a while, what is read may be old until RSF is set.
    if (offset >= divh && !is_synchronised)
        services_.warn("RTC: read before RSF is set, the value may be out of date (18.3.3)");
    const std::uint32_t left = state.prl - state.phase;
    switch (offset) {
        case crh:
            return state.crh;
        case crl:
            return state.flags | (is_synchronised ? rsf : 0) | (state.configuring ? cnf : 0) |
                   (state.write_done <= services_.now() ? rtoff : 0);
        case prlh:
        case prll:
            services_.warn("RTC_PRL is write-only (18.4.3)");
            return 0;
        case divh:
            return left >> 16;
        case divl:
            return left & 0xffff;
        case cnth:
            return state.cnt >> 16;
        case cntl:
            return state.cnt & 0xffff;
        case alrh:
        case alrl:
            services_.warn("RTC_ALR is write-only (18.4.6)");
            return 0;
        default:
            return reserved(offset);
    }
}

void Rtc::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    latch();
    value &= mask & 0xffff;
    if (!pwr_.backup_writable()) return services_.warn("RTC: written while PWR_CR.DBP is 0 (5.1.2)");
    if (offset == crh) {
        state.crh = check_reserved("RTC_CRH", value, 7);
        return update_line();
    }
    if (state.write_done > services_.now())
        return services_.warn("RTC: written before the last write has finished, RTOFF is 0 (18.3.4)");
    if (offset == crl) return write_crl(value);
    if (offset >= divh && offset <= divl) return services_.warn("RTC_DIV is read-only (18.4.4)");
    if (offset > alrl) return void(reserved(offset));
    if (!state.configuring) return services_.warn("RTC: a counter is written outside of configuration mode (18.3.4)");
    switch (offset) {
        case prlh:
        case prll:
            state.new_prl = with_half(state.new_prl, offset == prlh, value) & 0xf'ffff;
            return;
        case cnth:
        case cntl:
            state.new_cnt = with_half(state.new_cnt, offset == cnth, value);
            state.cnt_written = true;
            return;
        default:
            state.new_alr = with_half(state.new_alr, offset == alrh, value);
    }
}

void Rtc::write_crl(std::uint32_t value) {
    state.flags &= value & (secf | alrf | owf);  // cleared by zeroes (18.4.2)
    if ((value & rsf) == 0) state.synchronised = hz() != 0 ? services_.now() + time_of(1, hz()) : never;
    const bool was_configuring = std::exchange(state.configuring, (value & cnf) != 0);
    if (!was_configuring && state.configuring) {
        state.new_prl = state.prl;
        state.new_cnt = state.cnt;
        state.new_alr = state.alr;
        state.cnt_written = false;
    }
    if (was_configuring && !state.configuring) {  // 18.3.4: only now is anything written
        if (hz() == 0) services_.warn("RTC: configured without a clock, RTOFF stays 0 (18.3.4)");
        state.write_done = hz() != 0 ? services_.now() + time_of(write_cycles, hz()) : never;
        state.prl = state.new_prl;
        state.alr = state.new_alr;
        if (state.cnt_written) {
            state.cnt = state.new_cnt;
            state.phase = 0;
        }
    }
    update_line();
    rearm();
}

void Rtc::reset() {
    // 18.3.2: a system reset reaches the interface only.
    latch();
    state.crh = 0;
    state.flags = 0;
    state.configuring = false;
    state.write_done = services_.now();
    state.synchronised = hz() != 0 ? services_.now() + time_of(1, hz()) : never;
    update_line();
    rearm();
}

void Rtc::reset_backup_domain() {
    const Time synchronised = state.synchronised;
    state = {};
    state.at = services_.now();
    state.synchronised = synchronised;
    next_second_.cancel();
}

void Rtc::latch() {
    const std::uint32_t frequency = hz();
    if (frequency == 0) {
        state.at = services_.now();
        return;
    }
    std::int64_t cycles = ticks_in(services_.now() - state.at, frequency);
    state.at += time_of(cycles, frequency);
    while (cycles > 0) {
        const std::int64_t to_second = std::int64_t{state.prl} + 1 - state.phase;
        if (cycles < to_second) {
            state.phase += static_cast<std::uint32_t>(cycles);
            return;
        }
        cycles -= to_second;
        state.phase = 0;
        second();
    }
}

void Rtc::second() {
    ++state.cnt;
    state.flags |= secf | (state.cnt == 0 ? owf : 0);
    if (state.cnt == state.alr) {
        state.flags |= alrf;
        alarm_();
    }
    update_line();
}

void Rtc::rearm() {
    latch();
    if (hz() == 0) return next_second_.cancel();
    if (state.synchronised == never) state.synchronised = services_.now() + time_of(1, hz());
    next_second_.set(state.at + time_of(std::int64_t{state.prl} + 1 - state.phase, hz()));
}

void Rtc::update_line() {
    line_.set((state.flags & state.crh) != 0);
}

}  // namespace sim::chip
