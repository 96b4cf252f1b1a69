// SPDX-License-Identifier: ISC
// What a peripheral may ask of the rest of the chip: the time, a reset, a bus error, and a place to complain to. It
// also holds the lists in which every block enters itself when it is built (peripheral.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/chip/clock.hpp"
#include "sim/chip/options.hpp"
#include "sim/chip/scheduler.hpp"
#include "sim/time.hpp"

namespace sim::chip {

class DmaRequest;
class InterruptLine;
class Peripheral;

/// Everything that a snapshot of the chip holds: plain data, entered once by its owner.
class States {
  public:
    template <class State>
    void add(State& state) {
        static_assert(std::is_trivially_copyable_v<State>);
        ranges_.emplace_back(reinterpret_cast<std::byte*>(&state), sizeof state);
    }
    std::vector<std::byte> save() const;
    /// `saved` comes from save() of a chip that is built the same way.
    void load(std::span<const std::byte> saved);

  private:
    std::vector<std::span<std::byte>> ranges_;
};

/// How an access that the model cannot grant ends.
enum class Fault : std::uint8_t {
    none,
    bus,
    fetch,
    unaligned,
    undefined,
    no_coprocessor,
    invalid_state,
    divide_by_zero,
    invalid_exc_return,
    execute_never
};

/// The peripherals' window to the world. Lives as long as the machine.
class Services {
  public:
    Services() {
        states.add(clock);
        alarms.enter(states);
    }
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;

    States states;
    CycleClock clock;
    Scheduler alarms;
    std::vector<Peripheral*> peripherals;  ///< In the order in which they are reset.
    std::vector<InterruptLine*> lines;
    std::vector<DmaRequest*> dma_requests;
    std::function<void()> dma_changed = [] {};  ///< A request has risen or fallen.

    Time now() const { return clock.now(); }
    /// Level of an interrupt line, by its number in RM0008 table 63; the NVIC pends on high.
    std::function<void(unsigned, bool)> set_line;
    /// What the model does not know, or silicon does not promise to survive. Ends the run, or is
    /// logged (lenient).
    void complain(std::string sentence) { note(std::move(sentence), !options.lenient); }
    /// What silicon tolerates and no program should do. Counted and logged once per place in the
    /// program; ends the run only when pedantic.
    void warn(std::string sentence) { note(std::move(sentence), options.pedantic); }
    void log(const std::string& sentence) const {
        if (options.log) options.log(sentence);
    }
    /// The access under way is answered with a bus error.
    void bus_error(std::uint32_t address) {
        fault = Fault::bus;
        fault_address = address;
        attention = true;
    }
    /// AIRCR.VECTRESET: the core starts over, peripherals do not notice.
    void request_core_reset() {
        core_reset_requested = true;
        attention = true;
    }
    void request_reset(ResetCause cause) {
        reset_requested = true;
        reset_cause = cause;
        attention = true;
    }

    MachineOptions options;
    std::vector<std::string> complaints;
    std::uint64_t complaint_count = 0;
    std::string refused;  ///< The complaint that ends the run; empty while none does.

    /// The access under way is a probe's, not the program's: what the model does not know fails for the probe, and the
    /// run goes on.
    bool probing = false;
    bool probe_failed = false;

    bool attention = false;  ///< Something must be looked at before the next instruction.
    bool power_cut = false;  ///< A flash observer pulled the plug.
    bool reset_requested = false;
    bool core_reset_requested = false;
    ResetCause reset_cause = ResetCause::power_on;
    Fault fault = Fault::none;
    std::uint32_t fault_address = 0;
    /// Set by every access whose repetition would not be without consequence (a register that
    /// changed, a running counter that was read): a loop that did one is not skipped.
    bool side_effect = false;
    std::function<std::uint32_t()> pc;  ///< Of the instruction under way; for complaints.

  private:
    void note(std::string sentence, bool refuse);
};

}  // namespace sim::chip
