// SPDX-License-Identifier: ISC
// The run: from alarm to alarm, from exception to exception.
#include "sim/chip/core.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <unicorn/unicorn.h>

#include "sim/chip/core_skipper.hpp"
#include "sim/chip/error.hpp"

namespace sim::chip {

Core::Core(Chip& chip)
    : chip_(chip), services_(chip.services), table_(instruction_table()), skipper_(std::make_unique<Skipper>()) {
    const auto mode = static_cast<uc_mode>(UC_MODE_THUMB | UC_MODE_MCLASS);
    if (uc_open(UC_ARCH_ARM, mode, &uc_) != UC_ERR_OK) throw std::runtime_error("Unicorn does not start");
    uc_ctl_set_cpu_model(uc_, UC_CPU_ARM_CORTEX_M3);
    code_pages_.resize((chip.flash.array.size() + chip.ram.size()) / 1024 + 1);
    map_memory();
    add_hooks();
    wire_debug();
    services_.pc = [this] { return current_pc_; };
    chip.exceptions.ipsr = [this] { return xpsr() & 0x1ff; };
}

Core::~Core() {
    uc_close(uc_);
}

std::uint32_t Core::get_reg(int unicorn_register) const {
    std::uint32_t value = 0;
    uc_reg_read(uc_, unicorn_register, &value);
    return value;
}

void Core::set_reg(int unicorn_register, std::uint32_t value) {
    uc_reg_write(uc_, unicorn_register, &value);
}

std::uint32_t Core::pc() const {
    return get_reg(UC_ARM_REG_PC) & ~1u;
}

void Core::set_pc(std::uint32_t address) {
    set_reg(UC_ARM_REG_PC, address | 1);
}

std::uint32_t Core::reg(int number) const {
    static constexpr std::array names{UC_ARM_REG_R0,  UC_ARM_REG_R1,  UC_ARM_REG_R2,  UC_ARM_REG_R3,
                                      UC_ARM_REG_R4,  UC_ARM_REG_R5,  UC_ARM_REG_R6,  UC_ARM_REG_R7,
                                      UC_ARM_REG_R8,  UC_ARM_REG_R9,  UC_ARM_REG_R10, UC_ARM_REG_R11,
                                      UC_ARM_REG_R12, UC_ARM_REG_R13, UC_ARM_REG_R14, UC_ARM_REG_R15};
    return get_reg(names.at(static_cast<std::size_t>(number))) & (number == 15 ? ~1u : ~0u);
}

std::uint32_t Core::xpsr() const {
    return get_reg(UC_ARM_REG_XPSR);
}

Masks Core::masks() const {
    return {(get_reg(UC_ARM_REG_PRIMASK) & 1) != 0, (get_reg(UC_ARM_REG_FAULTMASK) & 1) != 0,
            static_cast<std::uint8_t>(get_reg(UC_ARM_REG_BASEPRI))};
}

void Core::reset() {
    std::uint32_t stack = 0, entry = 0;
    const bool readable = load_word(0, stack) && load_word(4, entry);
    chip_.debug.state.reset_seen = true;
    park(entry, stack);
    if (chip_.debug.catches(vector_catch::core_reset)) return want_halt(debug_event::vector_catch);
    if (!readable || (entry & 1) == 0)
        lock_up(fmt::format("the reset vector 0x{:08x} is not a Thumb address", entry & ~1u));
}

void Core::park(std::uint32_t address, std::uint32_t stack) {
    CoreState fresh;
    fresh.r[13] = fresh.msp = stack & ~3u;
    fresh.r[14] = 0xffff'ffff;
    fresh.r[15] = address & ~1u;
    fresh.xpsr = 0x0100'0000;
    fresh.lowest_sp = lowest_sp;
    load(fresh);
    current_pc_ = fresh.r[15];
    DebugState& debug = chip_.debug.state;
    debug.locked_up = debug.halted = debug.halt_wanted = false;
    halt_events_ = 0;
}

void Core::run_until(Time when) {
    skipper_->seen = false;
    skipper_->arm_at = std::min(skipper_->arm_at, services_.clock.cycles + skipper_->patience);
    while (services_.now() < when) {
        chip_.run_alarms();
        if (services_.power_cut || services_.reset_requested || services_.core_reset_requested ||
            !services_.refused.empty())
            return;
        if (paused(when)) continue;
        if (step_outside(when)) continue;
        execute(services_.clock.cycles_at(std::min(when, services_.alarms.next())));
    }
}

/// Everything that is not executing instructions. True: time or state has moved, look again.
bool Core::step_outside(Time when) {
    if (services_.fault != Fault::none) {
        const Fault fault = std::exchange(services_.fault, Fault::none);
        raise_fault(fault, services_.fault_address, current_pc_);
        return true;
    }
    if (stalled_until_ > services_.now()) {
        services_.clock.skip_to(std::min({when, services_.alarms.next(), stalled_until_}));
        return true;
    }
    if (chip_.exceptions.highest_pending() != 0) take_pending();
    if (sleeping_) {
        const bool event = sleeping_for_event_ && std::exchange(chip_.exceptions.state.event, false);
        if (event || chip_.exceptions.wakes(masks())) {
            sleeping_ = false;
            return true;
        }
        services_.clock.skip_to(std::min(when, services_.alarms.next()));
        return true;
    }
    if (just_returned_) {
        just_returned_ = false;
        services_.clock.cycles += exception_return_cycles;
        return true;
    }
    const std::uint32_t next = pc();
    const bool from_flash = next - flash_base < chip_.flash.array.size() || next < chip_.flash.array.size();
    if (chip_.flash.stalls() && from_flash) {  // PM0075 2.3.3: the fetch stalls
        services_.clock.skip_to(std::min({when, services_.alarms.next(), chip_.flash.state.busy_until}));
        return true;
    }
    return false;
}

void Core::execute(std::int64_t deadline) {
    constexpr std::uint64_t nowhere = 0xffff'fffe;
    skipper_->seen = false;
    deadline_ = deadline;
    chip_.debug.state.retired = true;
    services_.attention = false;
    action_ = Action::none;
    engine_fault_ = Fault::none;
    running_ = true;
    const uc_err error = uc_emu_start(uc_, pc() | 1, nowhere, 0, 0);
    running_ = false;
    repair_flash();
    for (const Range& range : std::exchange(forgotten_, {}))
        forget_code(range.address, range.size);
    after_stop(error);
}

void Core::after_stop(int error) {
    if (engine_fault_ != Fault::none) {
        return raise_fault(engine_fault_, engine_fault_address_, pc());
    }
    switch (action_) {
        case Action::none:
            break;
        case Action::sleep:
            set_pc(current_pc_ + action_value_);
            return;
        case Action::svc:
            chip_.exceptions.pend(sv_call);
            if (chip_.exceptions.next(masks()) != sv_call) {  // B1.5.12: an SVC that cannot be taken
                chip_.exceptions.state.pending[sv_call] = false;
                escalate(hard_fault, current_pc_);
            }
            return;
        case Action::exception_return:
            return return_from_exception(action_value_);
        case Action::breakpoint:
            set_pc(current_pc_);
            return want_halt(debug_event::breakpoint);
    }
    if (error == UC_ERR_OK) return;
    if (error == UC_ERR_INSN_INVALID || error == UC_ERR_EXCEPTION) return raise_fault(Fault::undefined, 0, pc());
    lock_up(fmt::format("Unicorn stopped: {}", uc_strerror(static_cast<uc_err>(error))));
}

CoreState Core::save() const {
    CoreState state;
    for (int number = 0; number < 16; ++number)
        state.r[static_cast<std::size_t>(number)] = reg(number);
    state.xpsr = xpsr();
    state.msp = get_reg(UC_ARM_REG_MSP);
    state.psp = get_reg(UC_ARM_REG_PSP);
    state.control = get_reg(UC_ARM_REG_CONTROL);
    state.primask = get_reg(UC_ARM_REG_PRIMASK);
    state.basepri = get_reg(UC_ARM_REG_BASEPRI);
    state.faultmask = get_reg(UC_ARM_REG_FAULTMASK);
    state.sleeping = sleeping_;
    state.sleeping_for_event = sleeping_for_event_;
    state.just_returned = just_returned_;
    state.expected_pc = expected_pc_;
    state.stalled_until = stalled_until_;
    state.lowest_sp = lowest_sp;
    return state;
}

void Core::load(const CoreState& state) {
    // Privileged handler mode first: there every special register can be written.
    set_reg(UC_ARM_REG_XPSR, 0x0100'0003);
    set_reg(UC_ARM_REG_PRIMASK, state.primask);
    set_reg(UC_ARM_REG_BASEPRI, state.basepri);
    set_reg(UC_ARM_REG_FAULTMASK, state.faultmask);
    set_reg(UC_ARM_REG_MSP, state.msp);
    set_reg(UC_ARM_REG_PSP, state.psp);
    static constexpr std::array names{UC_ARM_REG_R0,  UC_ARM_REG_R1,  UC_ARM_REG_R2, UC_ARM_REG_R3, UC_ARM_REG_R4,
                                      UC_ARM_REG_R5,  UC_ARM_REG_R6,  UC_ARM_REG_R7, UC_ARM_REG_R8, UC_ARM_REG_R9,
                                      UC_ARM_REG_R10, UC_ARM_REG_R11, UC_ARM_REG_R12};
    for (std::size_t number = 0; number < names.size(); ++number)
        set_reg(names[number], state.r[number]);
    set_reg(UC_ARM_REG_LR, state.r[14]);
    switch_mode(state.xpsr, state.control);
    set_pc(state.r[15]);
    sleeping_ = state.sleeping;
    sleeping_for_event_ = state.sleeping_for_event;
    just_returned_ = state.just_returned;
    expected_pc_ = state.expected_pc;
    stalled_until_ = state.stalled_until;
    lowest_sp = state.lowest_sp;
    it_begin_ = it_end_ = 0;
    skipper_->seen = false;
    skipper_->anchor = 1;
    skipper_->arm_at = 0;
    services_.attention = true;
}

std::string Core::report(const std::string& cause) const {
    std::string text = cause + "\n";
    for (int number = 0; number < 13; ++number) {
        text += fmt::format("  r{:<2} {:08x}{}", number, reg(number), number % 4 == 3 ? "\n" : "");
    }
    text += fmt::format("  sp  {:08x}  lr  {:08x}  pc  {:08x}\n  xpsr {:08x} (exception {})  t = {:.9f} s\n", reg(13),
                        reg(14), reg(15), xpsr(), xpsr() & 0x1ff, seconds(services_.now()));
    const ExceptionState& state = chip_.exceptions.state;
    text += fmt::format("  CFSR {:08x}  HFSR {:08x}  BFAR {:08x}\n  branched to:", state.cfsr, state.hfsr, state.bfar);
    const std::size_t known = std::min(branch_count_, branches_.size());
    for (std::size_t back = known; back > 0; --back) {
        text += fmt::format(" {:08x}", branches_[(branch_count_ - back) % branches_.size()]);
    }
    return text;
}

void Core::lock_up(const std::string& cause) {
    if (!services_.options.probe_may_attach)
        throw MachineError(MachineError::Kind::lockup, cause, report("lockup: " + cause));
    services_.log("lockup: " + cause);
    chip_.debug.state.locked_up = true;
}

void Core::watch(std::uint32_t address, std::function<void(Time)> callback) {
    watches_[address & ~1u].push_back(std::move(callback));
    filter_[(address >> 1) % filter_.size()] |= 1;
}

void Core::clear_watches() {
    watches_.clear();
    filter_.fill(0);
    place_breakpoints();
}

}  // namespace sim::chip
