// SPDX-License-Identifier: ISC
// Registers of a timer (RM0008 14.4, 15.4).
#include <fmt/format.h>

#include "sim/chip/timer.hpp"
#include "sim/chip/timer_bits.hpp"

namespace sim::chip {

namespace {
enum Offset : std::uint32_t {
    cr1 = 0x00,
    cr2 = 0x04,
    smcr = 0x08,
    dier = 0x0c,
    sr = 0x10,
    egr = 0x14,
    ccmr1 = 0x18,
    ccmr2 = 0x1c,
    ccer = 0x20,
    cnt = 0x24,
    psc = 0x28,
    arr = 0x2c,
    rcr = 0x30,
    ccr1 = 0x34,
    ccr4 = 0x40,
    bdtr = 0x44,
    dcr = 0x48,
    dmar = 0x4c
};
constexpr std::uint32_t advanced_flags = 0x1eff, plain_flags = 0x1e5f, cr1_mask = 0x3ff;
}  // namespace

using namespace timer_bits;

std::uint32_t Timer::read(std::uint32_t offset) {
    services_.side_effect = services_.side_effect || (offset == cnt && running());
    latch();
    switch (offset) {
        case cr1:
            return (state.cr1 & ~dir) | (state.down ? dir : 0);
        case cr2:
            return state.cr2;
        case smcr:
            return state.smcr;
        case dier:
            return state.dier;
        case sr:
            return state.sr;
        case egr:
            return 0;
        case ccmr1:
        case ccmr2:
            return state.ccmr[(offset - ccmr1) / 4];
        case ccer:
            return state.ccer;
        case cnt:
            return state.counter;
        case psc:
            return state.psc;
        case arr:
            return state.arr;
        case dcr:
            return state.dcr;
        case dmar: {
            const std::optional<std::uint32_t> target = burst_target();
            const std::uint32_t value = target ? read(*target) : 0;
            requests_.next_of_burst(field(state.dcr, 8, 5));
            return value;
        }
        case rcr:
        case bdtr:
            if (kind_.advanced) return offset == rcr ? state.rcr : state.bdtr;
            return reserved(offset);
        default:
            break;
    }
    if (offset < ccr1 || offset > ccr4) return reserved(offset);
    const std::size_t channel = (offset - ccr1) / 4;
    if (is_input(channel)) {  // 15.4.7: reading the captured value clears its flag
        services_.side_effect = true;
        state.sr &= ~bit(1 + static_cast<unsigned>(channel));
        update_line();
    }
    return state.ccr[channel];
}

void Timer::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    latch();
    look_at_inputs();
    switch (offset) {
        case cr1: {
            const bool was_centred = centred();
            state.cr1 = check_reserved("TIM_CR1", merge(state.cr1, value, mask), cr1_mask);
            // DIR is read-only while centred or set by an encoder (15.4.1).
            if (!centred() && !is_encoder()) state.down = (state.cr1 & dir) != 0;
            if (centred() && !was_centred) state.down = false;
            break;
        }
        case cr2: {
            value = check_reserved("TIM_CR2", merge(state.cr2, value, mask), kind_.advanced ? 0x7ffd : 0xf8);
            constexpr std::uint32_t idle_states = 0x7f00;
            state.cr2 = merge(value, state.cr2, lock_level() >= 1 ? idle_states : 0);
            drive_all();
            break;
        }
        case smcr:
            write_smcr(check_reserved("TIM_SMCR", merge(state.smcr, value, mask), 0xfff7));
            break;
        case dier:
            state.dier = check_reserved("TIM_DIER", merge(state.dier, value, mask), 0x7fff);
            requests_.keep(state.dier >> 8);
            break;
        case sr:
            state.sr &= merge(0xffff, value, mask) & (kind_.advanced ? advanced_flags : plain_flags);
            break;
        case egr:
            generate(value & mask);
            break;
        case ccmr1:
        case ccmr2:
            write_ccmr((offset - ccmr1) / 4, merge(state.ccmr[(offset - ccmr1) / 4], value, mask) & 0xffff);
            break;
        case ccer:
            write_ccer(check_reserved("TIM_CCER", merge(state.ccer, value, mask), kind_.advanced ? 0x3fff : 0x3333));
            break;
        case cnt:
            state.counter = merge(state.counter, value, mask) & 0xffff;
            compare_all();
            break;
        case psc:
            state.psc = merge(state.psc, value, mask) & 0xffff;
            return;
        case arr:
            state.arr = merge(state.arr, value, mask) & 0xffff;
            if ((state.cr1 & arpe) == 0) state.active_arr = state.arr;
            break;
        case dcr:
            state.dcr = value & 0x1f1f;
            break;
        case dmar: {
            const std::optional<std::uint32_t> target = burst_target();
            if (target) write(*target, value, mask);
            requests_.next_of_burst(field(state.dcr, 8, 5));
            break;
        }
        case rcr:
        case bdtr:
            if (!kind_.advanced) {
                reserved(offset);
                return;
            }
            if (offset == rcr)
                state.rcr = value & 0xff;
            else
                write_bdtr(merge(state.bdtr, value, mask) & 0xffff);
            break;
        default: {
            if (offset < ccr1 || offset > ccr4) {
                reserved(offset);
                return;
            }
            const std::size_t channel = (offset - ccr1) / 4;
            if (is_input(channel)) return;  // read-only (15.4.13)
            state.ccr[channel] = merge(state.ccr[channel], value, mask) & 0xffff;
            const bool preload = (state.ccmr[channel / 2] >> (8 * (channel % 2)) & bit(3)) != 0;  // OCxPE
            if (!preload) state.active_ccr[channel] = state.ccr[channel];
            compare(channel);
        }
    }
    look_at_inputs();
    settle_counter();
    update_line();
}

/// The register that DMAR stands for at present (15.4.18).
std::optional<std::uint32_t> Timer::burst_target() {
    const std::uint32_t target = 4 * (field(state.dcr, 0, 5) + state.burst.index);
    if (target < dcr) return target;
    services_.complain(fmt::format("{}: a burst by DMAR reaches beyond the timer's registers", place().name));
    return std::nullopt;
}

}  // namespace sim::chip
