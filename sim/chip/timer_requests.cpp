// SPDX-License-Identifier: ISC
#include "sim/chip/timer_requests.hpp"

#include <utility>

namespace sim::chip {

namespace {
/// Array members that take arguments, one for each event.
template <class Make, std::size_t... event>
std::array<DmaRequest, sizeof...(event)> make_requests(const Make& make, std::index_sequence<event...>) {
    return {make(event)...};
}
}  // namespace

TimerRequests::TimerRequests(Services& services, const TimerDma& channels, TimerBurst& burst)
    : burst_(burst),
      requests_(make_requests(
          [&](std::size_t event) {
              return DmaRequest(services, channels.at(event), [this, event] { served(static_cast<unsigned>(event)); });
          },
          std::make_index_sequence<std::tuple_size_v<TimerDma>>{})) {}

void TimerRequests::raise(std::uint32_t events) {
    for (unsigned event = 0; event < requests_.size(); ++event)
        if ((events & bit(event)) != 0) requests_.at(event).set(true);
}

void TimerRequests::keep(std::uint32_t events) {
    for (unsigned event = 0; event < requests_.size(); ++event)
        if ((events & bit(event)) == 0) requests_.at(event).set(false);
}

void TimerRequests::served(unsigned event) {
    burst_.event = event;
    requests_.at(event).set(false);
}

void TimerRequests::next_of_burst(unsigned length) {
    if (burst_.event == TimerBurst::no_event) return;  // the program's own access
    if (burst_.index < length) {
        ++burst_.index;
        requests_.at(burst_.event).set(true);
    } else {
        burst_.index = 0;
    }
    burst_.event = TimerBurst::no_event;
}

}  // namespace sim::chip
