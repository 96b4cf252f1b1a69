// SPDX-License-Identifier: ISC
// Debug state (ARMv7-M ARM C1.3 to C1.6): entered between two instructions, never inside of an IT block, where Unicorn
// cannot be stopped; a halt that is wanted there waits for the block's end.
#include <algorithm>
#include <utility>

#include <unicorn/unicorn.h>

#include "sim/chip/core.hpp"
#include "sim/chip/core_skipper.hpp"

namespace sim::chip {

void Core::wire_debug() {
    Debug& debug = chip_.debug;
    debug.read_core = [this](unsigned number) { return debug_register(number); };
    debug.write_core = [this](unsigned number, std::uint32_t value) { set_debug_register(number, value); };
    debug.changed = [this] { look_at_debug(); };
    debug.sleeping = [this] { return sleeping_; };
    chip_.fpb.changed = [this] { look_at_debug(); };
    chip_.dwt.changed = [this] { look_at_debug(); };
}

// A register of the debug units was written, by a probe between two runs or by the program in the middle of one.
void Core::look_at_debug() {
    DebugState& debug = chip_.debug.state;
    if (!debug.enabled) {
        debug.halted = false;
        halt_events_ = 0;
    }
    place_breakpoints();
    watches_data_ = debug.enabled && chip_.dwt.watches_data();
    chip_.exceptions.state.held = debug.mask_interrupts;
    services_.attention = true;
    if (running_) return;
    if (debug.halt_wanted && !debug.halted && chip_.powered && !chip_.held_in_reset) enter_debug_state();
    if (!debug.halt_wanted) debug.halted = false;
}

void Core::want_halt(std::uint32_t event) {
    halt_events_ |= event;
    services_.attention = true;
}

void Core::enter_debug_state() {
    DebugState& debug = chip_.debug.state;
    debug.halted = debug.halt_wanted = true;
    debug.locked_up = false;
    debug.dfsr |= halt_events_ != 0 ? std::exchange(halt_events_, 0) : debug_event::halted;
    sleeping_ = false;
    it_begin_ = it_end_ = 0;
}

/// Debug state, lockup, and the single step. True: time or state has moved, look again.
bool Core::paused(Time when) {
    DebugState& debug = chip_.debug.state;
    if (services_.fault != Fault::none) return false;  // taken before the core halts
    if (debug.enabled && !debug.halted && (halt_events_ != 0 || debug.halt_wanted)) enter_debug_state();
    if (debug.halted && on_halt) {
        on_halt();
        return true;
    }
    if (debug.halted || debug.locked_up) {
        services_.clock.skip_to(std::min(when, services_.alarms.next()));
        return true;
    }
    if (!debug.step) return false;
    single_step(when);
    return true;
}

void Core::single_step(Time when) {
    const int active = chip_.exceptions.active_count();
    if (step_outside(when)) return;
    // An exception that was due counts as the step: the core halts at the handler's first instruction.
    if (chip_.exceptions.active_count() == active) execute(services_.clock.cycles + 1);
    want_halt(debug_event::halted);
}

void Core::catch_vector(int number) {
    constexpr std::uint32_t no_coprocessor = bit(19), checked = bit(24) | bit(25),
                            wrong_state = bit(16) | bit(17) | bit(18);
    const std::uint32_t cfsr = chip_.exceptions.state.cfsr;
    std::uint32_t vectors = 0;
    switch (number) {
        case hard_fault:
            vectors = vector_catch::hard;
            break;
        case mem_manage:
            vectors = vector_catch::memory_management;
            break;
        case bus_fault:
            vectors = vector_catch::bus;
            break;
        case usage_fault:
            vectors = ((cfsr & no_coprocessor) != 0 ? vector_catch::no_coprocessor : 0) |
                      ((cfsr & checked) != 0 ? vector_catch::checked : 0) |
                      ((cfsr & wrong_state) != 0 ? vector_catch::state : 0);
            break;
        default:
            return;
    }
    if (chip_.debug.catches(vectors)) want_halt(debug_event::vector_catch);
}

namespace {
enum Selector : unsigned { sp_in_use = 13, return_address = 15, xpsr_at = 16, msp_at = 17, psp_at = 18, masks_at = 20 };
}  // namespace

std::uint32_t Core::debug_register(unsigned number) const {
    const CoreState state = save();
    if (number <= return_address) return state.r[number];
    switch (number) {
        case xpsr_at:
            return state.xpsr;
        case msp_at:
            return state.msp;
        case psp_at:
            return state.psp;
        case masks_at:
            return state.control << 24 | state.faultmask << 16 | state.basepri << 8 | state.primask;
        default:
            return 0;
    }
}

void Core::set_debug_register(unsigned number, std::uint32_t value) {
    constexpr std::uint32_t thumb = bit(24), ipsr = 0x1ff;
    CoreState state = save();
    const bool on_psp = (state.control & 2) != 0 && (state.xpsr & ipsr) == 0;
    switch (number) {
        case sp_in_use:
            (on_psp ? state.psp : state.msp) = value & ~3u;
            break;
        case return_address:
            state.r[number] = state.expected_pc = value & ~1u;
            current_pc_ = value & ~1u;
            break;
        case xpsr_at:
            state.xpsr = value | thumb;  // an M3 has no other state that could be run
            break;
        case msp_at:
            state.msp = value & ~3u;
            break;
        case psp_at:
            state.psp = value & ~3u;
            break;
        case masks_at:
            state.control = field(value, 24, 2);
            state.faultmask = field(value, 16, 1);
            state.basepri = field(value, 8, 8);
            state.primask = field(value, 0, 1);
            break;
        default:
            if (number < sp_in_use || number == 14) state.r[number] = value;
            break;
    }
    load(state);
}

}  // namespace sim::chip
