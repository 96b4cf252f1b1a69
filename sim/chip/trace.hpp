// SPDX-License-Identifier: ISC
// Software trace: stimulus ports (ITM, ARMv7-M ARM C1.7) and the way out over TRACESWO (TPIU, C1.10; RM0008 31.17). The
// stream has its rate and its packets, but makes no edges on PB3; what it carries is given away packet by packet.
// Hardware trace (DWT packets, ETM), timestamps and the parallel port are not modelled.
#pragma once

#include "sim/chip/dbgmcu.hpp"
#include "sim/chip/debug.hpp"
#include "sim/chip/rcc.hpp"

namespace sim::chip {

struct TpiuState {
    std::uint32_t cspsr = 1, acpr = 0, sppr = 1, ffcr = 0x102;
};

class Tpiu : public Peripheral {
  public:
    Tpiu(Services& services, const Rcc& rcc, const Debug& debug, const Dbgmcu& dbgmcu);
    State<TpiuState> state;
    /// TRACESWO has the stream: the pin and the protocol are chosen (RM0008 31.17.2).
    [[nodiscard]] bool carries() const;
    /// How long one byte of the stream takes.
    [[nodiscard]] Time byte_time() const;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override {}  ///< Debugging outlives a system reset.
    void power_lost() override { state = {}; }

  private:
    const Rcc& rcc_;
    const Debug& debug_;
    const Dbgmcu& dbgmcu_;
};

struct ItmState {
    std::uint32_t ter = 0, tpr = 0, tcr = 0;
    bool unlocked = false;
    bool sending = false;
};

class Itm : public Peripheral {
  public:
    Itm(Services& services, const Debug& debug, const Tpiu& tpiu);
    State<ItmState> state;
    /// A packet has begun to leave on TRACESWO: its port, and 1, 2 or 4 bytes.
    std::function<void(unsigned port, std::uint32_t value, unsigned size)> sent;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override {}
    void power_lost() override;

  private:
    [[nodiscard]] bool enabled(unsigned port) const;
    void stimulate(unsigned port, std::uint32_t value, std::uint32_t mask);

    const Debug& debug_;
    const Tpiu& tpiu_;
    Alarm sent_;
};

}  // namespace sim::chip
