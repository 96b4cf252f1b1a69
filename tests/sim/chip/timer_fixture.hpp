// SPDX-License-Identifier: ISC
// TIM1 to TIM4 with their clocks on, of the HSI: 8 MHz, 125 ns a tick.
#pragma once

#include "tests/sim/chip/chip_fixture.hpp"

namespace sim::chip {

inline constexpr Time us{1'000'000};
inline constexpr std::uint32_t tim1_at = 0x4001'2c00, tim2_at = 0x4000'0000, tim3_at = 0x4000'0400,
                               tim4_at = 0x4000'0800, gpioa_crl = 0x4001'0800, gpioa_crh = 0x4001'0804;
inline constexpr std::uint32_t cr1 = 0x00, cr2 = 0x04, smcr = 0x08, dier = 0x0c, sr = 0x10, egr = 0x14, ccmr1 = 0x18,
                               ccer = 0x20, cnt = 0x24, psc = 0x28, arr = 0x2c, rcr = 0x30, ccr1 = 0x34, ccr2 = 0x38,
                               bdtr = 0x44, dcr = 0x48, dmar = 0x4c;

struct Timers : ChipTest {
    Timers() {
        put(apb1enr, 7);
        put(apb2enr, bit(2) | bit(11));
    }
    /// One count a microsecond, from 0 to `top`.
    void count_to(std::uint32_t timer, std::uint32_t top) {
        put(timer + psc, 7);
        put(timer + arr, top);
        put(timer + egr, 1);
        put(timer + sr, 0);
    }
    bool line(unsigned number) { return chip_.exceptions.state.line[first_irq + number]; }
    bool high(Pin pin) { return chip_.gpio.level(pin) == Level::high; }
    Time high_time(Pin pin, Time span) {
        Time sum{};
        for (Time at{}; at < span; at += us) {
            if (high(pin)) sum += us;
            pass(us);
        }
        return sum;
    }
};

}  // namespace sim::chip
