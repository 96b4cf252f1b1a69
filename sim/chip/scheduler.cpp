// SPDX-License-Identifier: ISC
// The earliest alarm is cached: it is asked for far more often than it changes.
#include "sim/chip/scheduler.hpp"

#include <algorithm>
#include <stdexcept>

#include "sim/chip/services.hpp"

namespace sim::chip {

std::size_t Scheduler::add(std::function<void()> due) {
    if (due_.size() == most) throw std::logic_error("more alarms than the scheduler has room for");
    state_.at[due_.size()] = never;
    due_.push_back(std::move(due));
    return due_.size() - 1;
}

void Scheduler::enter(States& states) {
    states.add(state_);
}

bool Scheduler::set(std::size_t slot, Time when) {
    const Time old = state_.at[slot];
    state_.at[slot] = when;
    if (when < state_.next) {
        state_.next = when;
        return true;
    }
    if (old == state_.next) refresh();
    return false;
}

void Scheduler::cancel_all() {
    state_.at.fill(never);
    state_.next = never;
}

void Scheduler::refresh() {
    state_.next = *std::min_element(state_.at.begin(), state_.at.begin() + static_cast<std::ptrdiff_t>(due_.size()));
}

bool Scheduler::run_due(Time now) {
    bool any = false;
    while (state_.next <= now) {
        const auto first = std::find(state_.at.begin(), state_.at.end(), state_.next);
        *first = never;
        refresh();
        due_[static_cast<std::size_t>(first - state_.at.begin())]();
        any = true;
    }
    return any;
}

}  // namespace sim::chip
