// SPDX-License-Identifier: ISC
// Keeps a board's virtual time in step with the wall clock.
#pragma once

#include <algorithm>
#include <chrono>

#include "sim/usb/bus_timing.hpp"

namespace sim::serve {

/// The clock of clients, which know nothing of virtual time.
using WallClock = std::chrono::steady_clock;

class Pacer {
  public:
    /// When the board's next frame is due.
    [[nodiscard]] WallClock::time_point due() const { return due_; }
    /// The board has run for `span` of virtual time; at least a frame's, so that a halted chip is looked at no more
    /// often than a running one. A board that cannot keep up runs late instead of ever faster to catch up.
    void passed(Time span) {
        const auto now = WallClock::now();
        if (now - due_ > tolerated_lag) due_ = now;
        due_ += std::chrono::duration_cast<WallClock::duration>(std::max(span, millisecond));
    }

  private:
    static constexpr auto tolerated_lag = std::chrono::milliseconds(100);
    WallClock::time_point due_ = WallClock::now();
};

}  // namespace sim::serve
