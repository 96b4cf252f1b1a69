// SPDX-License-Identifier: ISC
// What Unicorn calls back: each instruction, each data access, everything that it cannot do itself.
//
// Unicorn 2.0.1, learnt by trying: with an instruction hook the program counter is exact and a stop takes effect before
// the instruction, except inside an IT block; a store to read-only memory is performed after its hook said true, so
// flash is repaired before the next instruction; an access whose hook says false is not performed.
#include <algorithm>
#include <cstring>
#include <utility>

#include <unicorn/unicorn.h>

#include "sim/chip/core.hpp"
#include "sim/chip/core_skipper.hpp"

namespace sim::chip {

struct CoreHooks {
    static Core& core(void* user) { return *static_cast<Core*>(user); }
    static void code(uc_engine*, std::uint64_t address, std::uint32_t size, void* user) {
        core(user).on_instruction(static_cast<std::uint32_t>(address), size);
    }
    static void data(uc_engine*, uc_mem_type type, std::uint64_t address, int size, std::int64_t, void* user) {
        core(user).on_data_access(type == UC_MEM_WRITE, static_cast<std::uint32_t>(address),
                                  static_cast<unsigned>(size));
    }
    static bool bad(uc_engine*, uc_mem_type type, std::uint64_t address, int size, std::int64_t value, void* user) {
        return core(user).on_bad_access(type, static_cast<std::uint32_t>(address), static_cast<unsigned>(size),
                                        static_cast<std::uint32_t>(value));
    }
    static void interrupt(uc_engine*, std::uint32_t number, void* user) { core(user).on_interrupt(number); }

    template <std::uint32_t base>
    static std::uint64_t mmio_read(uc_engine*, std::uint64_t offset, unsigned size, void* user) {
        return core(user).chip_.read(base + static_cast<std::uint32_t>(offset), size);
    }
    template <std::uint32_t base>
    static void mmio_write(uc_engine*, std::uint64_t offset, unsigned size, std::uint64_t value, void* user) {
        core(user).chip_.write(base + static_cast<std::uint32_t>(offset), size, static_cast<std::uint32_t>(value));
    }
    template <std::uint32_t base>
    static void map(uc_engine* uc, std::size_t size, Core* owner) {
        uc_mmio_map(uc, base, size, mmio_read<base>, owner, mmio_write<base>, owner);
    }
    static void add(uc_engine* uc, int type, void* callback, Core* owner) {
        uc_hook handle = 0;
        uc_hook_add(uc, &handle, type, callback, owner, 1, 0);
    }
};

void Core::map_memory() {
    constexpr std::uint32_t bit_band_bytes = 0x0200'0000;
    const auto read_only = static_cast<std::uint32_t>(UC_PROT_READ | UC_PROT_EXEC);
    Flash& flash = chip_.flash;
    uc_mem_map_ptr(uc_, flash_base, flash.array.size(), read_only, flash.array.data());
    uc_mem_map_ptr(uc_, 0, flash.array.size(), read_only, flash.array.data());
    uc_mem_map_ptr(uc_, ram_base, chip_.ram_pages.size(), UC_PROT_ALL, chip_.ram_pages.data());
    uc_mem_map_ptr(uc_, system_page, chip_.system.size(), read_only, chip_.system.data());
    CoreHooks::map<peripheral_base>(uc_, peripheral_bytes, this);
    CoreHooks::map<ppb_base>(uc_, ppb_bytes, this);
    CoreHooks::map<0x2200'0000>(uc_, bit_band_bytes, this);
    CoreHooks::map<0x4200'0000>(uc_, bit_band_bytes, this);
}

void Core::add_hooks() {
    CoreHooks::add(uc_, UC_HOOK_CODE, reinterpret_cast<void*>(&CoreHooks::code), this);
    CoreHooks::add(uc_, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, reinterpret_cast<void*>(&CoreHooks::data), this);
    CoreHooks::add(uc_, UC_HOOK_MEM_INVALID, reinterpret_cast<void*>(&CoreHooks::bad), this);
    CoreHooks::add(uc_, UC_HOOK_INTR, reinterpret_cast<void*>(&CoreHooks::interrupt), this);
}

void Core::stop() {
    uc_emu_stop(uc_);
}

void Core::on_instruction(std::uint32_t pc, std::uint32_t size) {
    if (!repairs_.empty()) repair_flash();
    if (services_.attention || services_.clock.cycles >= deadline_) {
        const bool in_it_block = pc > it_begin_ && pc < it_end_;
        if (!in_it_block) return stop();
    }
    const std::uint32_t in_flash = pc - flash_base;
    const std::uint8_t* at = nullptr;
    if (in_flash < chip_.flash.array.size()) {
        at = &chip_.flash.array[in_flash];
        code_pages_[in_flash / 1024] = 1;
    } else {
        at = memory(pc, 2);
        if (at == nullptr) {  // Past the end of the RAM, in what is left of Unicorn's page.
            current_pc_ = pc;
            services_.fault = Fault::fetch;
            services_.attention = true;
            return stop();
        }
        if (pc - ram_base < chip_.ram.size()) code_pages_[(chip_.flash.array.size() + pc - ram_base) / 1024] = 1;
    }
    const auto code = static_cast<std::uint16_t>(at[0] | at[1] << 8);
    const InstructionInfo info = table_[code];
    current_pc_ = pc;
    current_flags_ = info.flags;
    if (filter_[(pc >> 1) % filter_.size()] != 0 || services_.clock.cycles >= skipper_->arm_at) {
        if (visit(pc)) return stop();
    }
    std::int64_t cost = info.cycles;
    if (pc != expected_pc_) {
        cost += refill_cycles + chip_.flash.wait_states();
        branches_[branch_count_++ % branches_.size()] = pc;
    } else if ((pc & 6) == 0 && (chip_.flash.state.acr & bit(4)) == 0) {
        cost += chip_.flash.wait_states();
    }
    services_.clock.cycles += cost;
    expected_pc_ = pc + size;
    ++instructions;
    if (info.flags != 0) look_closer(pc, code, info.flags);
}

void Core::look_closer(std::uint32_t pc, std::uint16_t code, std::uint8_t flags) {
    if ((flags & instruction::divide) != 0) return check_divide(pc);
    if ((flags & instruction::counts_down) != 0) return skip_countdown(pc, code);
    if ((flags & instruction::special) == 0) return;
    if ((code & 0xff00) != 0xbf00) {  // CPS, MSR: masks change
        services_.attention = true;
        return;
    }
    if ((code & 0x000f) == 0) return hint(pc, code);
    // IT covers one to four instructions, by the lowest set bit of its mask (A7.7.38).
    int covered = 4;
    for (unsigned mask = code & 0xf; (mask & 1) == 0; mask >>= 1)
        --covered;
    it_begin_ = pc;
    it_end_ = pc + 2;
    for (int count = 0; count < covered; ++count) {
        const std::uint8_t* const at = memory(it_end_, 2);
        const bool wide = at != nullptr && at[1] >= 0xe8;
        if (count + 1 < covered) it_end_ += wide ? 4 : 2;
    }
    ++it_end_;  // the last one's own address lies inside
}

void Core::hint(std::uint32_t, std::uint16_t code) {
    enum : unsigned { wfe = 2, wfi = 3, sev = 4 };
    const unsigned number = (code >> 4) & 0xf;
    if (number == sev) chip_.exceptions.state.event = true;
    if (number != wfe && number != wfi) return;
    if (current_pc_ > it_begin_ && current_pc_ < it_end_) return;
    if ((chip_.exceptions.state.scr & bit(2)) != 0) {
        services_.complain("SLEEPDEEP: Stop and Standby are not modelled (RM0008 5.3)");
    }
    services_.side_effect = true;
    if (number == wfe && std::exchange(chip_.exceptions.state.event, false)) {
        action_ = Action::sleep;  // no sleep, but WFE itself Unicorn does not execute
    } else {
        sleeping_ = true;
        sleeping_for_event_ = number == wfe;
        action_ = Action::sleep;
    }
    action_value_ = 2;
    expected_pc_ = current_pc_ + 2;
    stop();
}

void Core::check_divide(std::uint32_t pc) {
    if ((chip_.exceptions.state.ccr & bit(4)) == 0) return;  // DIV_0_TRP
    const std::uint8_t* const at = memory(pc, 4);
    if (at == nullptr || reg(at[2] & 0xf) != 0) return;
    services_.fault = Fault::divide_by_zero;
    services_.attention = true;
}

void Core::on_data_access(bool is_write, std::uint32_t address, unsigned size) {
    if (is_write && (current_flags_ & instruction::push) != 0) lowest_sp = std::min(lowest_sp, address);
    if ((address & (size - 1)) != 0) {
        const bool traps = (chip_.exceptions.state.ccr & bit(3)) != 0;  // UNALIGN_TRP
        if (traps || (current_flags_ & instruction::needs_alignment) != 0) {
            services_.fault = Fault::unaligned;
            services_.attention = true;
        }
    }
    if (watches_data_ && chip_.dwt.matches(address, size, is_write)) want_halt(debug_event::watchpoint);
    const std::uint32_t in_ram = address - ram_base;
    const bool past_ram = in_ram < chip_.ram_pages.size() && in_ram + size > chip_.ram.size();
    if (past_ram) services_.bus_error(address);
    const bool from_flash = address - flash_base < chip_.flash.array.size() || address < chip_.flash.array.size();
    if (is_write || !from_flash) return;
    if (chip_.flash.read_protected() && chip_.debug.state.enabled) services_.bus_error(address);  // PM0075 2.4.1
    services_.clock.cycles += chip_.flash.wait_states();
    if (!chip_.flash.stalls()) return;
    // Code in RAM that reads the array during an operation waits for its end (PM0075 2.3.3), with the load still under
    // way: no exception is taken either. Time passes in step_outside().
    stalled_until_ = chip_.flash.state.busy_until;
    services_.attention = true;
}

bool Core::on_bad_access(int type, std::uint32_t address, unsigned size, std::uint32_t value) {
    const auto refuse = [&](Fault fault) {
        engine_fault_ = fault;
        engine_fault_address_ = address;
        return false;
    };
    switch (type) {
        case UC_MEM_FETCH_UNMAPPED: {
            const bool exception_return = address >= 0xffff'ffe0;
            return exception_return ? refuse(Fault::invalid_exc_return) : refuse(Fault::fetch);
        }
        case UC_MEM_FETCH_PROT:
            return refuse(Fault::execute_never);
        case UC_MEM_WRITE_PROT:
            break;
        default:
            return refuse(Fault::bus);
    }
    const bool in_array = address - flash_base < chip_.flash.array.size();
    const bool in_options = address - option_base < 16;
    if (!in_array && !in_options) return refuse(Fault::bus);
    services_.fault = Fault::none;
    const std::uint32_t aligned = address & ~3u;
    chip_.flash.store(address, size, value);
    services_.side_effect = true;
    if (services_.fault != Fault::none) {
        services_.fault = Fault::none;
        return refuse(Fault::bus);
    }
    Repair repair{aligned, 8, {}};
    const std::uint8_t* const truth = memory(aligned, 8);
    if (truth == nullptr) repair.size = 4;
    std::memcpy(repair.bytes.data(), memory(aligned, repair.size), repair.size);
    repairs_.push_back(repair);
    return true;
}

void Core::repair_flash() {
    for (const Repair& repair : repairs_) {
        std::memcpy(const_cast<std::uint8_t*>(memory(repair.address, repair.size)), repair.bytes.data(), repair.size);
    }
    repairs_.clear();
}

void Core::on_interrupt(std::uint32_t number) {
    enum : std::uint32_t {
        undefined = 1,
        svc = 2,
        prefetch_abort = 3,
        data_abort = 4,
        breakpoint = 7,
        exception_exit = 8,
        no_coprocessor = 17,
        invalid_state = 18
    };
    stop();
    switch (number) {
        case svc:
            action_ = Action::svc;
            return;
        case exception_exit:
            action_ = Action::exception_return;
            action_value_ = get_reg(UC_ARM_REG_PC) | 1;
            return;
        case no_coprocessor:
            engine_fault_ = Fault::no_coprocessor;
            return;
        case invalid_state:
            engine_fault_ = Fault::invalid_state;
            return;
        case breakpoint:
            if (chip_.debug.state.enabled) {
                action_ = Action::breakpoint;
                return;
            }
            [[fallthrough]];  // without a debugger a BKPT is a HardFault (C1.5.1)
        default:
            engine_fault_ = Fault::undefined;
            return;
    }
}

void Core::forget_code(std::uint32_t address, std::uint32_t size) {
    const bool in_flash = address - flash_base < chip_.flash.array.size();
    const std::uint32_t base = in_flash ? flash_base : ram_base;
    const std::size_t first_page = in_flash ? 0 : chip_.flash.array.size() / 1024;
    bool ran = false;
    for (std::uint32_t page = (address - base) / 1024; page <= (address - base + size - 1) / 1024; ++page) {
        ran = ran || code_pages_.at(first_page + page) != 0;
    }
    if (!ran) return;
    if (running_) {  // the engine is in the middle of a store that still holds its place in the TLB
        forgotten_.push_back({address, size});
        services_.attention = true;
        return;
    }
    uc_ctl_remove_cache(uc_, std::uint64_t{address}, std::uint64_t{address} + size);
    if (in_flash)
        uc_ctl_remove_cache(uc_, std::uint64_t{address - flash_base}, std::uint64_t{address - flash_base} + size);
}

}  // namespace sim::chip
