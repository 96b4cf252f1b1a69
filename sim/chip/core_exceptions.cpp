// SPDX-License-Identifier: ISC
// Exception entry, return, and what a fault becomes. ARMv7-M ARM B1.5.6 to B1.5.14.
#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <unicorn/unicorn.h>

#include "sim/chip/core.hpp"

namespace sim::chip {

namespace {

constexpr std::uint32_t thumb = 0x0100'0000, ipsr_mask = 0x1ff, frame_bytes = 32, realigned = bit(9);
// CFSR (B3.2.15)
constexpr std::uint32_t iaccviol = bit(0), ibuserr = bit(8), preciserr = bit(9), unstkerr = bit(11), stkerr = bit(12),
                        bfarvalid = bit(15), undefinstr = bit(16), invstate = bit(17), invpc = bit(18), nocp = bit(19),
                        unaligned = bit(24), divbyzero = bit(25);
// HFSR (B3.2.16)
constexpr std::uint32_t vecttbl = bit(1), forced = bit(30);

}  // namespace

void Core::switch_mode(std::uint32_t xpsr, std::uint32_t control) {
    set_reg(UC_ARM_REG_XPSR, xpsr);
    if (get_reg(UC_ARM_REG_CONTROL) != control) set_reg(UC_ARM_REG_CONTROL, control);
}

const std::uint8_t* Core::memory(std::uint32_t address, std::uint32_t size) const {
    const auto within = [&](std::uint32_t base, std::span<const std::uint8_t> bytes) {
        return address >= base && address - base + std::uint64_t{size} <= bytes.size();
    };
    if (within(flash_base, chip_.flash.array)) return &chip_.flash.array[address - flash_base];
    if (within(ram_base, chip_.ram)) return &chip_.ram[address - ram_base];
    if (within(system_page, chip_.system)) return &chip_.system[address - system_page];
    if (within(0, chip_.flash.array)) return &chip_.flash.array[address];
    return nullptr;
}

bool Core::load_word(std::uint32_t address, std::uint32_t& value) const {
    const std::uint8_t* const at = memory(address, 4);
    if (at == nullptr) return false;
    value = static_cast<std::uint32_t>(at[0] | at[1] << 8 | at[2] << 16) | static_cast<std::uint32_t>(at[3]) << 24;
    return true;
}

bool Core::store_word(std::uint32_t address, std::uint32_t value) {
    if (address < ram_base || std::uint64_t{address} + 4 > ram_base + std::uint64_t{chip_.ram.size()}) return false;
    for (std::uint32_t at = 0; at < 4; ++at) {
        chip_.ram[address - ram_base + at] = static_cast<std::uint8_t>(value >> (8 * at));
    }
    forget_code(address, 4);
    return true;
}

void Core::take_pending() {
    const int number = chip_.exceptions.next(masks());
    if (number == 0) return;
    sleeping_ = false;
    enter_exception(number, pc());
}

void Core::enter_exception(int number, std::uint32_t return_address) {
    const std::uint32_t xpsr_then = xpsr();
    const std::uint32_t control = get_reg(UC_ARM_REG_CONTROL);
    const bool from_handler = (xpsr_then & ipsr_mask) != 0;
    const bool on_psp = !from_handler && (control & 2) != 0;
    std::uint32_t msp = get_reg(UC_ARM_REG_MSP), psp = get_reg(UC_ARM_REG_PSP);
    std::uint32_t& sp = on_psp ? psp : msp;

    const bool realign = (chip_.exceptions.state.ccr & bit(9)) != 0 && (sp & 4) != 0;
    sp = (sp - frame_bytes) & (realign ? ~7u : ~3u);
    const std::array<std::uint32_t, 8> frame{
        reg(0),  reg(1),  reg(2),         reg(3),
        reg(12), reg(14), return_address, (xpsr_then & ~realigned) | (realign ? realigned : 0)};
    bool stacked = true;
    for (std::size_t at = 0; at < frame.size(); ++at) {
        stacked = store_word(sp + static_cast<std::uint32_t>(4 * at), frame[at]) && stacked;
    }
    lowest_sp = std::min(lowest_sp, sp);
    if (!stacked) {
        if (number == hard_fault) return lock_up(fmt::format("no stack for HardFault, SP is 0x{:08x}", sp));
        chip_.exceptions.state.cfsr |= stkerr;
        chip_.exceptions.state.hfsr |= forced;
        number = hard_fault;
    }
    std::uint32_t vector = 0;
    if (!load_word(chip_.exceptions.state.vtor + 4 * static_cast<std::uint32_t>(number), vector)) {
        if (number == hard_fault) return lock_up("the vector table cannot be read");
        chip_.exceptions.state.hfsr |= vecttbl;
        number = hard_fault;
        if (!load_word(chip_.exceptions.state.vtor + 4 * hard_fault, vector))
            return lock_up("the vector table cannot be read");
    }
    chip_.exceptions.enter(number);
    set_reg(UC_ARM_REG_XPSR, thumb | static_cast<std::uint32_t>(number));
    set_reg(UC_ARM_REG_MSP, msp);
    set_reg(UC_ARM_REG_PSP, psp);
    set_reg(UC_ARM_REG_LR, from_handler ? 0xffff'fff1 : on_psp ? 0xffff'fffd : 0xffff'fff9);
    set_pc(vector);
    chip_.exceptions.state.event = true;  // B1.5.18: entry and return set the event register
    services_.clock.cycles += std::exchange(just_returned_, false) ? tail_chain_cycles : exception_entry_cycles;
    expected_pc_ = vector & ~1u;
    current_pc_ = vector & ~1u;
    catch_vector(number);
    if ((vector & 1) == 0) raise_fault(Fault::invalid_state, 0, vector);
}

void Core::return_from_exception(std::uint32_t exc_return) {
    Exceptions& exceptions = chip_.exceptions;
    const std::uint32_t number = xpsr() & ipsr_mask;
    const std::uint32_t kind = exc_return & 0xf;
    const int active = exceptions.active_count();
    const bool to_handler = kind == 1;
    const bool nested_allowed = (exceptions.state.ccr & 1) != 0;  // NONBASETHRDENA
    const bool fits = (to_handler && active > 1) || ((kind == 9 || kind == 0xd) && (active == 1 || nested_allowed));
    if (number == 0 || number >= exception_count || !exceptions.state.active[number] || !fits) {
        return raise_fault(Fault::invalid_exc_return, 0, pc());
    }
    exceptions.leave(static_cast<int>(number));
    if (static_cast<int>(number) != nmi) set_reg(UC_ARM_REG_FAULTMASK, 0);

    std::uint32_t msp = get_reg(UC_ARM_REG_MSP), psp = get_reg(UC_ARM_REG_PSP);
    const bool on_psp = kind == 0xd;
    std::uint32_t& sp = on_psp ? psp : msp;
    std::array<std::uint32_t, 8> frame{};
    bool readable = true;
    for (std::size_t at = 0; at < frame.size(); ++at) {
        readable = load_word(sp + static_cast<std::uint32_t>(4 * at), frame[at]) && readable;
    }
    if (!readable) {
        exceptions.state.cfsr |= unstkerr;
        return escalate(bus_fault, pc());
    }
    sp += frame_bytes;
    if ((frame[7] & realigned) != 0) sp |= 4;
    if (((frame[7] & ipsr_mask) != 0) != to_handler) return raise_fault(Fault::invalid_exc_return, 0, pc());

    static constexpr std::array low{UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3, UC_ARM_REG_R12};
    for (std::size_t at = 0; at < low.size(); ++at)
        set_reg(low[at], frame[at]);
    set_reg(UC_ARM_REG_LR, frame[5]);
    set_reg(UC_ARM_REG_MSP, msp);
    set_reg(UC_ARM_REG_PSP, psp);
    const std::uint32_t control = (get_reg(UC_ARM_REG_CONTROL) & ~2u) | (on_psp ? 2u : 0u);
    switch_mode(frame[7] & ~realigned, to_handler ? get_reg(UC_ARM_REG_CONTROL) : control);
    set_pc(frame[6]);
    expected_pc_ = frame[6] & ~1u;
    current_pc_ = expected_pc_;
    it_begin_ = it_end_ = 0;
    exceptions.state.event = true;
    just_returned_ = true;
    const bool sleeps_on_exit = (exceptions.state.scr & bit(1)) != 0 && !to_handler;
    if (sleeps_on_exit) {
        sleeping_ = true;
        sleeping_for_event_ = false;
    }
}

/// BFHFNMIGN, where the core runs at the priority of HardFault or above, or FAULTMASK says so (B3.2.8).
bool Core::ignores_bus_faults() const {
    const Exceptions& exceptions = chip_.exceptions;
    return (exceptions.state.ccr & bit(8)) != 0 && exceptions.execution_priority(masks()) <= -1;
}

/// Goes on behind a load or store that met a bus fault. What a load brings is unknown then: here its register keeps
/// what it had.
void Core::pass_over(std::uint32_t address) {
    if (pc() != address) return;  // it has been executed, as far as it can be
    if (address >= it_begin_ && address < it_end_) {
        services_.complain("a bus fault inside an IT block that BFHFNMIGN ignores");
        return;
    }
    const std::uint8_t* const code = memory(address, 2);
    const bool wide = code != nullptr && code[1] >= 0xe8;
    set_pc(address + (wide ? 4 : 2));
    expected_pc_ = address + (wide ? 4 : 2);
}

void Core::raise_fault(Fault fault, std::uint32_t address, std::uint32_t return_address) {
    ExceptionState& state = chip_.exceptions.state;
    switch (fault) {
        case Fault::none:
            return;
        case Fault::bus:
            state.cfsr |= preciserr | bfarvalid;
            state.bfar = address;
            if (ignores_bus_faults()) return pass_over(return_address);
            return escalate(bus_fault, return_address);
        case Fault::fetch:
            state.cfsr |= ibuserr;
            return escalate(bus_fault, return_address);
        case Fault::execute_never:
            state.cfsr |= iaccviol;
            return escalate(mem_manage, return_address);
        case Fault::unaligned:
            state.cfsr |= unaligned;
            break;
        case Fault::undefined:
            state.cfsr |= undefinstr;
            break;
        case Fault::no_coprocessor:
            state.cfsr |= nocp;
            break;
        case Fault::invalid_state:
            state.cfsr |= invstate;
            break;
        case Fault::divide_by_zero:
            state.cfsr |= divbyzero;
            break;
        case Fault::invalid_exc_return:
            state.cfsr |= invpc;
            break;
    }
    escalate(usage_fault, return_address);
}

void Core::escalate(int number, std::uint32_t return_address) {
    Exceptions& exceptions = chip_.exceptions;
    const int running_at = exceptions.execution_priority(masks());
    const bool takes =
        number != hard_fault && exceptions.enabled(number) && exceptions.priority_of(number) < running_at;
    if (takes) return enter_exception(number, return_address);
    if (running_at <= -1) {
        return lock_up(
            fmt::format("a fault at 0x{:08x} while HardFault or NMI is active (CFSR 0x{:08x}, BFAR 0x{:08x})",
                        return_address, exceptions.state.cfsr, exceptions.state.bfar));
    }
    if (number != hard_fault || running_at > -1) exceptions.state.hfsr |= forced;
    services_.log(fmt::format("HardFault at PC 0x{:08x}, CFSR 0x{:08x}, BFAR 0x{:08x}", return_address,
                              exceptions.state.cfsr, exceptions.state.bfar));
    enter_exception(hard_fault, return_address);
}

}  // namespace sim::chip
