// SPDX-License-Identifier: ISC
// A timer's requests to the DMA (RM0008 table 78) and its bursts through DMAR (15.4.17, 15.4.18).
#pragma once

#include <array>
#include <cstdint>

#include "sim/chip/peripheral.hpp"

namespace sim::chip {

/// Channels of DMA1 by the number of the event's flag in SR: update, compare 1 to 4, commutation, trigger. 0: none.
using TimerDma = std::array<unsigned, 7>;

/// A burst: one event asks for several items, and DMAR stands for one register after the other.
struct TimerBurst {
    unsigned index = 0;         ///< Of the register that comes next, from DCR.DBA.
    unsigned event = no_event;  ///< That asked for the item under way.
    static constexpr unsigned no_event = 7;
};

class TimerRequests {
  public:
    TimerRequests(Services& services, const TimerDma& channels, TimerBurst& burst);
    /// `events`: a bit for each, as in SR. A request stands until the DMA serves it,
    void raise(std::uint32_t events);
    /// or until its enable bit in DIER falls.
    void keep(std::uint32_t events);
    void reset() { keep(0); }
    /// DMAR was read or written; `length`: DCR.DBL.
    void next_of_burst(unsigned length);

  private:
    void served(unsigned event);
    TimerBurst& burst_;
    std::array<DmaRequest, 7> requests_;
};

}  // namespace sim::chip
