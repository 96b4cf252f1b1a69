// SPDX-License-Identifier: ISC
// Which exception is to run: NVIC and the system handlers as one table (ARMv7-M ARM B1.5, B3.4). Numbers are exception
// numbers: 2 NMI, 3 HardFault ... 15 SysTick, 16 + n interrupt n.
#pragma once

#include "sim/chip/peripheral.hpp"

namespace sim::chip {

inline constexpr int exception_count = 16 + 60;
inline constexpr int priority_none = 256;  ///< Lower than any configurable one: thread mode.

enum Exception : int {
    nmi = 2,
    hard_fault = 3,
    mem_manage = 4,
    bus_fault = 5,
    usage_fault = 6,
    sv_call = 11,
    debug_monitor = 12,
    pend_sv = 14,
    systick_exception = 15,
    first_irq = 16
};

struct ExceptionState {
    std::array<bool, exception_count> pending{}, active{}, enabled{}, line{};
    std::array<std::uint8_t, exception_count> priority{};
    std::uint32_t vtor = 0, prigroup = 0, scr = 0, ccr = 0x200;
    std::uint32_t cfsr = 0, hfsr = 0, bfar = 0, mmfar = 0;
    bool event = false;  ///< The event register of WFE.
    bool held = false;   ///< C_MASKINTS: the debugger keeps PendSV, SysTick and interrupts back.
};

/// Masks as the core holds them.
struct Masks {
    bool primask = false, faultmask = false;
    std::uint8_t basepri = 0;
};

class Exceptions {
  public:
    explicit Exceptions(Services& services) : state(services), services_(services) { reset(); }
    State<ExceptionState> state;
    std::function<void(int, bool)> watched;  ///< Number, and whether it is entered; 0: a reset ended them all.
    std::function<std::uint32_t()> ipsr;     ///< Number of the exception that runs; 0 in thread mode.

    void reset();
    /// `irq` is the number of RM0008 table 63.
    void set_line(unsigned irq, bool level);
    void pend(int number);
    /// Priority at which the core runs now, masks included.
    int execution_priority(const Masks& masks) const;
    /// Highest pending exception that may preempt, or 0.
    int next(const Masks& masks) const;
    /// Would wake a WFI: PRIMASK does not hold it back (B1.5.19).
    bool wakes(const Masks& masks) const;
    /// The pending and enabled exception of highest priority, or 0.
    int highest_pending() const;
    void enter(int number);
    void leave(int number);
    int active_count() const;
    int priority_of(int number) const;
    bool enabled(int number) const { return state.enabled[static_cast<std::size_t>(number)]; }
    bool pends(int number) const;

  private:
    int group_priority(int priority) const;
    Services& services_;
};

}  // namespace sim::chip
