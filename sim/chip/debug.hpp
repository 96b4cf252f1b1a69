// SPDX-License-Identifier: ISC
// Halting debug (ARMv7-M ARM C1.6): the registers through which a probe halts, steps and resumes the core and reaches
// its registers, and what the core asks of them. Only a probe may turn debugging on; the program cannot.
#pragma once

#include "sim/chip/peripheral.hpp"

namespace sim::chip {

/// DFSR: why the core entered debug state (C1.6.1).
namespace debug_event {
inline constexpr std::uint32_t halted = bit(0), breakpoint = bit(1), watchpoint = bit(2), vector_catch = bit(3),
                               external = bit(4);
}  // namespace debug_event

/// DEMCR (C1.6.5): which exceptions halt the core at their first instruction, and TRCENA.
namespace vector_catch {
inline constexpr std::uint32_t core_reset = bit(0), memory_management = bit(4), no_coprocessor = bit(5),
                               checked = bit(6), state = bit(7), bus = bit(8), entry_or_return = bit(9), hard = bit(10);
inline constexpr std::uint32_t all_faults =
    memory_management | no_coprocessor | checked | state | bus | entry_or_return | hard;
}  // namespace vector_catch

struct DebugState {
    bool enabled = false;          ///< C_DEBUGEN
    bool halt_wanted = false;      ///< C_HALT
    bool step = false;             ///< C_STEP
    bool mask_interrupts = false;  ///< C_MASKINTS
    bool halted = false;           ///< S_HALT
    bool locked_up = false;        ///< S_LOCKUP; only where MachineOptions::probe_may_attach.
    bool reset_seen = false;       ///< S_RESET_ST
    bool retired = false;          ///< S_RETIRE_ST
    std::uint32_t dfsr = 0, dcrdr = 0, demcr = 0;
};

class Debug : public Peripheral {
  public:
    explicit Debug(Services& services);
    State<DebugState> state;
    /// Register by DCRSR.REGSEL: 0 to 15, 16 xPSR, 17 MSP, 18 PSP, 20 CONTROL, FAULTMASK, BASEPRI and PRIMASK.
    std::function<std::uint32_t(unsigned)> read_core;
    std::function<void(unsigned, std::uint32_t)> write_core;
    std::function<bool()> sleeping;  ///< S_SLEEP
    /// What the core does next may be another thing now.
    std::function<void()> changed = [] {};

    std::uint32_t read(std::uint32_t offset) override;  ///< From 0xE000EDF0: DHCSR, DCRSR, DCRDR, DEMCR.
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override {}  ///< A system reset leaves debugging as it is; the power takes it away.
    void power_lost() override { state = {}; }

    [[nodiscard]] bool catches(std::uint32_t vectors) const { return state.enabled && (state.demcr & vectors) != 0; }
    [[nodiscard]] bool tracing() const { return (state.demcr & bit(24)) != 0; }  ///< TRCENA

  private:
    void write_control(std::uint32_t value);
};

}  // namespace sim::chip
