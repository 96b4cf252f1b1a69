// SPDX-License-Identifier: ISC
// What happens in the chip by itself at a time.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <vector>

#include "sim/time.hpp"

namespace sim::chip {

class States;

/// The alarm queue: one slot an alarm, assigned when the chip is built.
class Scheduler {
  public:
    /// A new slot; `due` is called when its time has come. Of alarms due at the same time the one added first rings
    /// first.
    std::size_t add(std::function<void()> due);
    /// Says whether this is now the next alarm of all.
    bool set(std::size_t slot, Time when);
    void cancel(std::size_t slot) { set(slot, never); }
    void cancel_all();
    Time at(std::size_t slot) const { return state_.at[slot]; }
    Time next() const { return state_.next; }
    /// Calls what is due. Says whether anything was.
    bool run_due(Time now);
    void enter(States& states);

  private:
    static constexpr std::size_t most = 128;
    struct State {
        std::array<Time, most> at{};
        Time next = never;
    };
    void refresh();
    State state_;
    std::vector<std::function<void()>> due_;
};

}  // namespace sim::chip
