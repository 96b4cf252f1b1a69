// SPDX-License-Identifier: ISC
// A 24-bit counter kept as its value at a time, and an alarm where it reaches zero.
#include "sim/chip/systick.hpp"

namespace sim::chip {

namespace {
enum Offset : std::uint32_t { csr = 0x0, rvr = 0x4, cvr = 0x8 };
constexpr std::uint32_t enable = bit(0), tickint = bit(1), writable = 7, counter_mask = 0x00ff'ffff;
constexpr std::uint32_t calibration = 0x4000'2328;  // RM0008 10.1.1: 9000, no reference clock
}  // namespace

std::int64_t SysTick::ticks_to_zero() const {
    // A counter at zero first takes the reload value, which costs a tick.
    return state.value != 0 ? std::int64_t{state.value} : std::int64_t{state.load} + 1;
}

void SysTick::latch() {
    if ((state.ctrl & enable) == 0) {
        state.at = services_.now();
        return;
    }
    const std::int64_t gone = ticks_in(services_.now() - state.at, hz());
    if (gone == 0 || (state.value == 0 && state.load == 0)) return;
    const std::int64_t from = state.value != 0 ? std::int64_t{state.value} : std::int64_t{state.load} + 1;
    state.value = static_cast<std::uint32_t>(from - gone) & counter_mask;
    state.at += time_of(gone, hz());
}

std::uint32_t SysTick::read(std::uint32_t offset) {
    switch (offset) {
        case csr: {
            const std::uint32_t value = state.ctrl | (state.count_flag ? bit(16) : 0);
            services_.side_effect = services_.side_effect || state.count_flag;
            state.count_flag = false;
            return value;
        }
        case rvr:
            return state.load;
        case cvr:
            services_.side_effect = services_.side_effect || (state.ctrl & enable) != 0;
            latch();
            return state.value;
        default:
            return calibration;
    }
}

void SysTick::write(std::uint32_t offset, std::uint32_t value) {
    latch();
    if (offset == csr) state.ctrl = value & writable;
    if (offset == rvr) state.load = value & counter_mask;
    if (offset == cvr) {
        state.value = 0;
        state.count_flag = false;
    }
    rearm();
}

void SysTick::rearm() {
    const bool halted = (state.ctrl & enable) == 0 || (state.value == 0 && state.load == 0);
    if (halted) return zero_.cancel();
    zero_.set(state.at + time_of(ticks_to_zero(), hz()));
}

void SysTick::on_alarm() {
    state.at += time_of(ticks_to_zero(), hz());
    state.value = 0;
    state.count_flag = true;
    if ((state.ctrl & tickint) != 0) pend();
    rearm();
}

void SysTick::reset() {
    state = {};
    zero_.cancel();
}

}  // namespace sim::chip
