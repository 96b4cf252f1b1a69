// SPDX-License-Identifier: ISC
// Priorities, pending and active states. ARMv7-M ARM B1.5.4 to B1.5.8.
#include "sim/chip/exceptions.hpp"

#include <algorithm>

namespace sim::chip {

void Exceptions::reset() {
    const bool held = state.held;
    state = ExceptionState{};
    state.held = held;
    for (const Exception always : {nmi, hard_fault, sv_call, pend_sv, systick_exception}) {
        state.enabled[static_cast<std::size_t>(always)] = true;
    }
    if (watched) watched(0, false);
}

void Exceptions::set_line(unsigned irq, bool level) {
    const std::size_t number = first_irq + irq;
    if (state.line[number] == level) return;
    state.line[number] = level;
    if (!level) return;
    // A rising line is remembered even while its handler is active; a line that stays high counts by itself.
    state.pending[number] = true;
    if ((state.scr & bit(4)) != 0) state.event = true;  // SEVONPEND
    services_.attention = true;
}

void Exceptions::pend(int number) {
    state.pending[static_cast<std::size_t>(number)] = true;
    services_.attention = true;
}

bool Exceptions::pends(int number) const {
    const auto at = static_cast<std::size_t>(number);
    return state.pending[at] || (state.line[at] && !state.active[at]);
}

int Exceptions::priority_of(int number) const {
    if (number == nmi) return -2;
    if (number == hard_fault) return -1;
    return state.priority[static_cast<std::size_t>(number)];
}

int Exceptions::group_priority(int priority) const {
    // PRIGROUP n: bits 7 to n+1 decide about preemption; four bits are implemented.
    if (priority < 0) return priority;
    return priority & static_cast<int>(0xffu << (state.prigroup + 1)) & 0xff;
}

int Exceptions::execution_priority(const Masks& masks) const {
    int priority = priority_none;
    for (int number = nmi; number < exception_count; ++number) {
        if (!state.active[static_cast<std::size_t>(number)]) continue;
        priority = std::min(priority, group_priority(priority_of(number)));
    }
    if (masks.basepri != 0) priority = std::min(priority, group_priority(masks.basepri));
    if (masks.primask) priority = std::min(priority, 0);
    if (masks.faultmask) priority = std::min(priority, -1);
    return priority;
}

int Exceptions::highest_pending() const {
    int best = 0;
    for (int number = nmi; number < exception_count; ++number) {
        if (!enabled(number) || !pends(number) || (state.held && number >= pend_sv)) continue;
        if (best == 0 || priority_of(number) < priority_of(best)) best = number;
    }
    return best;
}

int Exceptions::next(const Masks& masks) const {
    const int best = highest_pending();
    if (best == 0) return 0;
    return group_priority(priority_of(best)) < execution_priority(masks) ? best : 0;
}

bool Exceptions::wakes(const Masks& masks) const {
    Masks open = masks;
    open.primask = false;
    return next(open) != 0;
}

void Exceptions::enter(int number) {
    state.pending[static_cast<std::size_t>(number)] = false;
    state.active[static_cast<std::size_t>(number)] = true;
    if (watched) watched(number, true);
}

void Exceptions::leave(int number) {
    state.active[static_cast<std::size_t>(number)] = false;
    services_.attention = true;
    if (watched) watched(number, false);
}

int Exceptions::active_count() const {
    return static_cast<int>(std::count(state.active.begin(), state.active.end(), true));
}

}  // namespace sim::chip
