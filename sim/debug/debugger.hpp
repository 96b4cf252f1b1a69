// SPDX-License-Identifier: ISC
// What a debugger does with the chip, in a debugger's words: halting debug, breakpoints and watchpoints through the
// registers of ARMv7-M ARM C1, each reached as a probe reaches it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/board/machine.hpp"

namespace sim::debug {

/// Numbers of DCRSR.REGSEL (C1.6.3).
enum class CoreRegister : std::uint8_t {
    r0 = 0,
    sp = 13,
    lr = 14,
    pc = 15,
    xpsr = 16,
    msp = 17,
    psp = 18,
    control_and_masks = 20,  ///< CONTROL, FAULTMASK, BASEPRI, PRIMASK, a byte each from the top.
};

/// Why the core halted: DFSR (C1.6.1), cleared by asking.
struct HaltCause {
    bool requested = false, breakpoint = false, watchpoint = false, vector_catch = false;
};

/// What a data watchpoint waits for, as DWT_FUNCTION says it.
enum class Watch : std::uint8_t { read = 5, write = 6, access = 7 };

struct WatchHit {
    std::uint32_t address = 0;  ///< As it was set.
    Watch kind = Watch::write;
};

class Debugger {
  public:
    explicit Debugger(Machine& machine) : machine_(machine) {}

    /// Turns debugging on. A power failure turns it off again.
    void attach();
    /// Takes breakpoints and watchpoints away and lets the core go.
    void detach();

    [[nodiscard]] bool halted() const { return machine_.halted(); }
    void halt();
    void resume();
    /// One instruction, with interrupts kept back; it happens when the machine runs next.
    void step();
    [[nodiscard]] HaltCause take_cause();

    /// Of a halted core.
    [[nodiscard]] std::uint32_t reg(CoreRegister number);
    void set_reg(CoreRegister number, std::uint32_t value);

    /// Bytes that could be reached, from the first on; the bus may refuse in the middle.
    [[nodiscard]] std::vector<std::uint8_t> read(std::uint32_t address, std::size_t size);
    /// False: the bus refused, and what came before has been written.
    [[nodiscard]] bool write(std::uint32_t address, std::span<const std::uint8_t> bytes);

    /// A breakpoint on code in flash. False: all six comparators of the FPB are in use, or it is not code in flash.
    [[nodiscard]] bool set_breakpoint(std::uint32_t address);
    [[nodiscard]] bool clear_breakpoint(std::uint32_t address);
    /// A watchpoint over `size` bytes, rounded out to a power of two. False: all four comparators of the DWT are in
    /// use, or it is larger than 32 KiB or crosses such a boundary.
    [[nodiscard]] bool set_watchpoint(std::uint32_t address, std::uint32_t size, Watch kind);
    [[nodiscard]] bool clear_watchpoint(std::uint32_t address, Watch kind);
    /// The watchpoint that was hit since the last question.
    [[nodiscard]] std::optional<WatchHit> take_watch_hit();

    /// Halt at the first instruction of fault handlers; of the program after a reset.
    void catch_faults(bool on);
    void catch_reset(bool on);

  private:
    struct Watchpoint {
        std::uint32_t address = 0;
        Watch kind = Watch::write;
        bool used = false;
    };
    std::uint32_t load(std::uint32_t address);
    void store(std::uint32_t address, std::uint32_t value);
    void change_demcr(std::uint32_t bits, bool on);
    void control(std::uint32_t bits);

    Machine& machine_;
    std::array<std::optional<std::uint32_t>, 6> breakpoints_;
    std::array<Watchpoint, 4> watchpoints_;
};

}  // namespace sim::debug
