// SPDX-License-Identifier: ISC
// What a peripheral may ask of the rest of the chip: the time, an alarm, an interrupt line, a reset, and a place to
// complain to. Peripherals know nothing else of each other but through Chip (chip.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sim/chip/clock.hpp"
#include "sim/chip/options.hpp"
#include "sim/time.hpp"

namespace sim::chip {

/// Everything in the chip that happens by itself at a time. One slot each: setting one again moves
/// it.
enum class Alarm : std::uint8_t {
    hsi_ready,
    hse_ready,
    pll_ready,
    lsi_ready,
    lse_ready,
    flash_done,
    usb_reset_seen,
    usb_idle,
    systick,
    iwdg,
    wwdg,
    tim2,
    tim3,
    tim4,
    usart1,
    usart2,
    pin_settled,
    count
};

/// The alarm queue: fixed slots, so that it copies as plain data.
class Scheduler {
  public:
    Scheduler() { at_.fill(never); }
    void set(Alarm alarm, Time when) {
        at_[static_cast<std::size_t>(alarm)] = when;
        refresh();
    }
    void cancel(Alarm alarm) { set(alarm, never); }
    Time at(Alarm alarm) const { return at_[static_cast<std::size_t>(alarm)]; }
    Time next() const { return next_; }
    /// Takes the earliest alarm that is due. False when there is none.
    bool take_due(Time now, Alarm& alarm);

  private:
    void refresh();
    std::array<Time, static_cast<std::size_t>(Alarm::count)> at_;
    Time next_ = never;
};

/// Interrupt numbers of RM0008 table 63.
enum class Irq : std::uint8_t {
    wwdg = 0,
    pvd = 1,
    flash = 4,
    rcc = 5,
    exti0 = 6,
    exti4 = 10,
    usb_hp = 19,
    usb_lp = 20,
    exti9_5 = 23,
    tim2 = 28,
    tim3 = 29,
    tim4 = 30,
    usart1 = 37,
    usart2 = 38,
    exti15_10 = 40,
    usb_wakeup = 42
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
    CycleClock clock;
    Scheduler alarms;

    Time now() const { return clock.now(); }
    void set_alarm(Alarm alarm, Time when) {
        alarms.set(alarm, when);
        attention = true;
    }

    /// Level of an interrupt line; the NVIC pends on high.
    std::function<void(Irq, bool)> set_line;
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

/// A block of registers. Offsets are those of the reference manual, always multiples of four; the
/// bus cuts narrower accesses out of a word, `mask` has the bits that are really written.
class Peripheral {
  public:
    explicit Peripheral(Services& services) : services_(services) {}
    virtual ~Peripheral() = default;
    virtual std::uint32_t read(std::uint32_t offset) = 0;
    virtual void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) = 0;
    /// State after a system reset or a pulse of the peripheral's reset bit.
    virtual void reset() = 0;

  protected:
    /// Complains about `offset`, a register that the model does not know.
    std::uint32_t unmodelled(const char* block, std::uint32_t offset);
    /// Warns about `offset`, where the block has no register: it reads as zero and ignores writes.
    std::uint32_t reserved(const char* block, std::uint32_t offset);
    /// Warns when reserved bits are to be set; gives the value without them.
    std::uint32_t check_reserved(const char* register_name, std::uint32_t value, std::uint32_t allowed);
    Services& services_;
};

/// `old` with the bits of `mask` replaced.
constexpr std::uint32_t merge(std::uint32_t old, std::uint32_t value, std::uint32_t mask) {
    return (old & ~mask) | (value & mask);
}
constexpr std::uint32_t bit(unsigned number) {
    return std::uint32_t{1} << number;
}
constexpr std::uint32_t field(std::uint32_t value, unsigned low, unsigned width) {
    return (value >> low) & ((std::uint32_t{1} << width) - 1);
}

}  // namespace sim::chip
