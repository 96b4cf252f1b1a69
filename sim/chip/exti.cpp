// SPDX-License-Identifier: ISC
// Edges become pending bits, pending bits interrupts and events (RM0008 10.2).
#include "sim/chip/exti.hpp"

namespace sim::chip {

Exti::Exti(Services& services)
    : Peripheral(services,
                 {.name = "EXTI", .base = 0x4001'0400, .widths = word, .gate = Gate::always, .reset_bit = false}),
      state(services),
      outputs_{{{bit(0), {services, 6}},
                {bit(1), {services, 7}},
                {bit(2), {services, 8}},
                {bit(3), {services, 9}},
                {bit(4), {services, 10}},
                {0x0000'03e0, {services, 23}},
                {0x0000'fc00, {services, 40}},
                {bit(16), {services, 1}},
                {bit(17), {services, 41}},
                {bit(18), {services, 42}}}} {}

std::uint32_t Exti::read(std::uint32_t offset) {
    switch (offset) {
        case 0x00:
            return state.imr;
        case 0x04:
            return state.emr;
        case 0x08:
            return state.rtsr;
        case 0x0c:
            return state.ftsr;
        case 0x10:
            return state.swier;
        case 0x14:
            return state.pr;
        default:
            return reserved(offset);
    }
}

void Exti::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    constexpr std::uint32_t lines = 0x0007'ffff;
    services_.side_effect = true;
    switch (offset) {
        case 0x00:
            state.imr = check_reserved("EXTI_IMR", merge(state.imr, value, mask), lines);
            break;
        case 0x04:
            state.emr = check_reserved("EXTI_EMR", merge(state.emr, value, mask), lines);
            break;
        case 0x08:
            state.rtsr = check_reserved("EXTI_RTSR", merge(state.rtsr, value, mask), lines);
            break;
        case 0x0c:
            state.ftsr = check_reserved("EXTI_FTSR", merge(state.ftsr, value, mask), lines);
            break;
        case 0x10: {  // 10.3.5: a one has an effect where there was a zero, and stays until PR is cleared
            const std::uint32_t fresh = value & mask & lines & ~state.swier;
            state.swier |= fresh;
            trigger(fresh);
            break;
        }
        case 0x14:
            state.pr &= ~(value & mask);
            state.swier &= ~(value & mask);
            break;
        default:
            reserved(offset);
            return;
    }
    update_lines();
}

void Exti::reset() {
    state = {};
    update_lines();
}

void Exti::edge(unsigned line, bool rising) {
    const std::uint32_t wanted = rising ? state.rtsr : state.ftsr;
    if ((wanted & bit(line)) != 0) trigger(bit(line));
}

void Exti::trigger(std::uint32_t lines) {
    state.pr |= lines & state.imr;  // 10.2.3: an event leaves no pending bit
    if ((lines & state.emr) != 0) event();
    update_lines();
}

void Exti::update_lines() {
    for (Output& output : outputs_)
        output.interrupt.set((state.pr & state.imr & output.lines) != 0);
}

}  // namespace sim::chip
