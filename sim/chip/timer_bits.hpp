// SPDX-License-Identifier: ISC
// Bits of the timers' registers that more than one file speaks of (RM0008 14.4, 15.4).
#pragma once

#include "sim/chip/peripheral.hpp"

namespace sim::chip::timer_bits {

inline constexpr std::uint32_t cen = bit(0), udis = bit(1), urs = bit(2), opm = bit(3), dir = bit(4), arpe = bit(7);
inline constexpr std::uint32_t ccpc = bit(0), ccus = bit(2), ccds = bit(3), ti1s = bit(7);  // CR2
inline constexpr std::uint32_t ece = bit(14), etp = bit(15);                                // SMCR

/// What happens in a timer, by its flag in SR. DIER has its interrupt enable at the same place and its DMA request
/// enable eight bits higher.
enum Event : unsigned { update = 0, compare1 = 1, commutation = 5, trigger = 6 };

/// SMCR.SMS. RM0008 has the edges of encoder modes 1 and 2 the other way round; ST's libraries, its later manuals of
/// the same timer and Linux's driver agree on these.
enum SlaveMode : std::uint32_t {
    no_slave,
    encoder_ti1,
    encoder_ti2,
    encoder_both,
    reset_mode,
    gated_mode,
    trigger_mode,
    external_clock
};

/// SMCR.TS; below ti1f_ed are ITR0 to ITR3.
enum TriggerSource : std::uint32_t { ti1f_ed = 4, ti1fp1 = 5, ti2fp2 = 6, etrf = 7 };

/// CR2.MMS; above: OC1REF to OC4REF.
enum MasterMode : std::uint32_t { on_reset, on_enable, on_update, on_compare1, on_reference1 };

}  // namespace sim::chip::timer_bits
