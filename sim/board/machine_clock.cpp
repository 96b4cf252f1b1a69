// SPDX-License-Identifier: ISC
// A host whose device is a virtual chip. Apart from the host itself, so that the host can be tested without a chip.
#include "sim/board/machine.hpp"
#include "sim/usb/host.hpp"

namespace sim {
namespace {

class MachineClock : public BusClock {
  public:
    explicit MachineClock(Machine& machine) : machine_(machine) {}
    [[nodiscard]] Time now() const override { return machine_.now(); }
    void run_until(Time when) override { machine_.run_until(when); }

  private:
    Machine& machine_;
};

}  // namespace

UsbHost::UsbHost(Machine& machine, HostTiming timing)
    : own_clock_(std::make_unique<MachineClock>(machine)), port_(machine.usb()), clock_(*own_clock_), timing_(timing) {
    state_.frame_start = state_.bus_free = machine.now();
    state_.disconnections = port_.disconnections();
}

}  // namespace sim
