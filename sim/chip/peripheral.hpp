// SPDX-License-Identifier: ISC
// What every block of the chip is built from. A block enters itself in the lists of Services: its addresses, clock gate
// and reset bit (Place), its state (State), its alarms (Alarm) and its interrupt lines (InterruptLine). Bus, reset,
// snapshot and scheduler go through these lists and know no block by name.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sim/chip/services.hpp"
#include "sim/chip/wiring.hpp"

namespace sim::chip {

/// Which enable register of RCC gates a peripheral.
enum class Gate : std::uint8_t { always, ahb, apb1, apb2 };

/// Sizes of an access, summed up: 1, 2, 4.
enum Widths : std::uint8_t { word = 4, half_or_word = 2 | 4, any_width = 1 | 2 | 4 };

/// Where the bus finds a peripheral (RM0008 table 3), and what RCC does to it.
struct Place {
    const char* name = "";
    std::uint32_t base = 0;
    Widths widths = half_or_word;  ///< The accesses that the manual allows.
    Gate gate = Gate::always;
    unsigned gate_bit = 0;
    bool reset_bit = true;  ///< RCC_APBxRSTR has a bit at the same place.
    std::uint32_t bytes = 0x400;
    bool reads_without_clock = false;
};

/// A block of registers. Offsets are those of the reference manual, always multiples of four; the
/// bus cuts narrower accesses out of a word, `mask` has the bits that are really written.
class Peripheral {
  public:
    Peripheral(Services& services, const Place& place) : services_(services), place_(place) {
        services.peripherals.push_back(this);
    }
    virtual ~Peripheral() = default;
    Peripheral(const Peripheral&) = delete;
    Peripheral& operator=(const Peripheral&) = delete;

    const Place& place() const { return place_; }
    virtual std::uint32_t read(std::uint32_t offset) = 0;
    virtual void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) = 0;
    /// State after a system reset or a pulse of the peripheral's reset bit.
    virtual void reset() = 0;
    virtual void power_lost() { reset(); }
    /// RCC_BDCR.BDRST, or power lost without a battery.
    virtual void reset_backup_domain() {}
    /// A clock is about to change: what was counted at the old frequency is latched.
    virtual void latch() {}
    /// The level of a pin has changed.
    virtual void on_pin(Pin, Level) {}
    /// A clock has changed: alarms are set anew.
    virtual void rearm() {}

  protected:
    /// Warns about `offset`, where the block has no register: it reads as zero and ignores writes.
    std::uint32_t reserved(std::uint32_t offset);
    /// Warns when reserved bits are to be set; gives the value without them.
    std::uint32_t check_reserved(const char* register_name, std::uint32_t value, std::uint32_t allowed);
    Services& services_;

  private:
    Place place_;
};

/// State of a block, part of every snapshot; plain data.
template <class Data>
class State : public Data {
  public:
    explicit State(Services& services) { services.states.add(static_cast<Data&>(*this)); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    State& operator=(const Data& data) {
        static_cast<Data&>(*this) = data;
        return *this;
    }
};

/// Something that a block waits for. Setting it again moves it.
class Alarm {
  public:
    Alarm(Services& services, std::function<void()> due)
        : services_(services), slot_(services.alarms.add(std::move(due))) {}
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;
    void set(Time when) {
        if (services_.alarms.set(slot_, when)) services_.attention = true;
    }
    void cancel() { services_.alarms.cancel(slot_); }
    Time at() const { return services_.alarms.at(slot_); }

  private:
    Services& services_;
    std::size_t slot_;
};

/// An interrupt line by its number in RM0008 table 63. Several blocks may share one: it is high while any of them is.
class InterruptLine {
  public:
    InterruptLine(Services& services, unsigned number);
    InterruptLine(const InterruptLine&) = delete;
    InterruptLine& operator=(const InterruptLine&) = delete;
    void set(bool level);
    /// After a system reset: low, and nobody is told.
    void forget() { level_ = false; }

  private:
    Services& services_;
    unsigned number_;
    bool level_ = false;
};

/// A request to a channel of DMA1 by its number in RM0008 table 78, 1 to 7; 0: to none. Several blocks may share one.
class DmaRequest {
  public:
    /// `served`: an item is about to be moved for this request.
    DmaRequest(Services& services, unsigned channel, std::function<void()> served = {});
    DmaRequest(const DmaRequest&) = delete;
    DmaRequest& operator=(const DmaRequest&) = delete;
    void set(bool level);
    bool level() const { return level_; }
    unsigned channel() const { return channel_; }
    void acknowledge() const {
        if (served_) served_();
    }

  private:
    Services& services_;
    unsigned channel_;
    std::function<void()> served_;
    bool level_ = false;
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
