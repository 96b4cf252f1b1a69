// SPDX-License-Identifier: ISC
// Says what somebody who watches a board would note: resets of its chip, devices that come and go.
#pragma once

#include <functional>

#include "sim/board/machine.hpp"
#include "sim/usb/host.hpp"

namespace sim::commands {

class BoardWatch {
  public:
    /// Both outlive the watch; the board is powered.
    BoardWatch(const Machine& machine, UsbHost& host) : machine_(machine), host_(host) {}

    /// Lets time pass until `when`. `meet` is called for each new device, once its connection has lasted for the
    /// debounce time.
    void advance_to(Time when, const std::function<void()>& meet);

  private:
    void look();

    const Machine& machine_;
    UsbHost& host_;
    std::uint64_t resets_ = machine_.counters().resets;
    std::uint64_t disconnections_ = host_.state().disconnections;
    bool attached_ = false;
    bool met_ = false;
};

}  // namespace sim::commands
