// SPDX-License-Identifier: ISC
// How the chip treats what it does not model, what it measures with, and why it may start over.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sim/chip/variant.hpp"

namespace sim {

/// How the machine treats what it does not model, and what it measures with.
struct MachineOptions {
    bool lenient = false;  ///< Log what would be refused and go on, as silicon (probably) would.
    /// Refuse also what silicon tolerates although no program should do it: registers of a
    /// peripheral without clock, reserved bits, a width that the manual does not list. Otherwise
    /// these are complaints that only count.
    bool pedantic = false;
    /// Refuse clocks beyond the datasheet's limits, with which some chips work and some do not.
    bool strict = false;
    FlashTiming flash_timing = typical_flash;
    /// Sets the clock forward where the program only waits. Changes nothing but the speed and the
    /// count of instructions.
    bool skip_waiting_loops = true;
    /// Lockup (B1.5.15) is a state that a probe can see and end, as on silicon. Otherwise it ends the run: without a
    /// probe nothing but a reset leads out of it.
    bool probe_may_attach = false;
    std::function<void(const std::string&)>
        log;  ///< A sentence each; empty: nowhere. Complaints that do not end the run, faults.
};

/// Why the chip last started over; the flags of RCC_CSR say the same to the program.
enum class ResetCause : std::uint8_t { power_on, pin, software, independent_watchdog, window_watchdog };

}  // namespace sim
