// SPDX-License-Identifier: ISC
// Debug registers, by their addresses (ARMv7-M ARM C1.6, C1.8, C1.11).
#include "sim/debug/debugger.hpp"

#include <algorithm>

namespace sim::debug {
namespace {

constexpr std::uint32_t dfsr = 0xe000'ed30, dhcsr = 0xe000'edf0, dcrsr = 0xe000'edf4, dcrdr = 0xe000'edf8,
                        demcr = 0xe000'edfc;
constexpr std::uint32_t fp_ctrl = 0xe000'2000, fp_comp = 0xe000'2008;
constexpr std::uint32_t dwt_comp = 0xe000'1020, dwt_mask = 0xe000'1024, dwt_function = 0xe000'1028, dwt_stride = 16;

constexpr std::uint32_t key = 0xa05f'0000, c_debugen = 1, c_halt = 2, c_step = 4, c_maskints = 8;
constexpr std::uint32_t trcena = 1u << 24, vc_corereset = 1, vc_faults = 0x7f0;
constexpr std::uint32_t write_register = 1u << 16;
constexpr std::uint32_t matched = 1u << 24;
constexpr std::uint32_t code_end = 0x2000'0000;
constexpr unsigned largest_mask = 15;

}  // namespace

std::uint32_t Debugger::load(std::uint32_t address) {
    std::uint32_t value = 0;
    static_cast<void>(machine_.probe_read(address, 4, value));
    return value;
}

void Debugger::store(std::uint32_t address, std::uint32_t value) {
    static_cast<void>(machine_.probe_write(address, 4, value));
}

void Debugger::control(std::uint32_t bits) {
    store(dhcsr, key | c_debugen | bits);
}

void Debugger::change_demcr(std::uint32_t bits, bool on) {
    const std::uint32_t old = load(demcr);
    store(demcr, on ? old | bits : old & ~bits);
}

void Debugger::attach() {
    store(dhcsr, key | c_debugen | (halted() ? c_halt : 0));
    change_demcr(trcena, true);
    store(fp_ctrl, 3);  // KEY, ENABLE
}

void Debugger::detach() {
    for (const auto& address : breakpoints_)
        if (address) static_cast<void>(clear_breakpoint(*address));
    for (const Watchpoint& one : watchpoints_)
        if (one.used) static_cast<void>(clear_watchpoint(one.address, one.kind));
    change_demcr(vc_corereset | vc_faults | trcena, false);
    store(dhcsr, key);
}

void Debugger::halt() {
    control(c_halt);
}

void Debugger::resume() {
    control(0);
}

void Debugger::step() {
    control(c_halt | c_maskints);  // C1.6.2: C_MASKINTS changes only in debug state
    control(c_step | c_maskints);
}

HaltCause Debugger::take_cause() {
    const std::uint32_t events = load(dfsr);
    store(dfsr, events);
    return {(events & 1) != 0, (events & 2) != 0, (events & 4) != 0, (events & 8) != 0};
}

std::uint32_t Debugger::reg(CoreRegister number) {
    store(dcrsr, static_cast<std::uint32_t>(number));
    return load(dcrdr);
}

void Debugger::set_reg(CoreRegister number, std::uint32_t value) {
    store(dcrdr, value);
    store(dcrsr, static_cast<std::uint32_t>(number) | write_register);
}

std::vector<std::uint8_t> Debugger::read(std::uint32_t address, std::size_t size) {
    std::vector<std::uint8_t> bytes;
    while (bytes.size() < size) {
        const std::uint32_t at = address + static_cast<std::uint32_t>(bytes.size());
        const std::size_t left = size - bytes.size();
        // Registers by words where they can be; a peripheral's registers take nothing else.
        const unsigned width = at % 4 == 0 && left >= 4 ? 4 : at % 2 == 0 && left >= 2 ? 2 : 1;
        std::uint32_t value = 0;
        if (!machine_.probe_read(at, width, value)) break;
        for (unsigned lane = 0; lane < width; ++lane)
            bytes.push_back(static_cast<std::uint8_t>(value >> (8 * lane)));
    }
    return bytes;
}

bool Debugger::write(std::uint32_t address, std::span<const std::uint8_t> bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const std::uint32_t at = address + static_cast<std::uint32_t>(done);
        const std::size_t left = bytes.size() - done;
        const unsigned width = at % 4 == 0 && left >= 4 ? 4 : at % 2 == 0 && left >= 2 ? 2 : 1;
        std::uint32_t value = 0;
        for (unsigned lane = 0; lane < width; ++lane)
            value |= std::uint32_t{bytes[done + lane]} << (8 * lane);
        if (!machine_.probe_write(at, width, value)) return false;
        done += width;
    }
    return true;
}

bool Debugger::set_breakpoint(std::uint32_t address) {
    address &= ~1u;
    if (address >= code_end) return false;
    if (std::ranges::find(breakpoints_, address) != breakpoints_.end()) return true;
    const auto free = std::ranges::find(breakpoints_, false, &std::optional<std::uint32_t>::has_value);
    if (free == breakpoints_.end()) return false;
    *free = address;
    const auto number = static_cast<std::uint32_t>(free - breakpoints_.begin());
    const std::uint32_t replace = (address & 2) != 0 ? 2 : 1;
    store(fp_comp + 4 * number, replace << 30 | (address & 0x1fff'fffc) | 1);
    return true;
}

bool Debugger::clear_breakpoint(std::uint32_t address) {
    const auto found = std::ranges::find(breakpoints_, address & ~1u);
    if (found == breakpoints_.end()) return false;
    found->reset();
    store(fp_comp + 4 * static_cast<std::uint32_t>(found - breakpoints_.begin()), 0);
    return true;
}

bool Debugger::set_watchpoint(std::uint32_t address, std::uint32_t size, Watch kind) {
    if (size == 0) return false;
    unsigned mask = 0;
    while (mask <= largest_mask && (address >> mask) != ((address + (size - 1)) >> mask))
        ++mask;
    if (mask > largest_mask) return false;
    const auto free = std::ranges::find(watchpoints_, false, &Watchpoint::used);
    if (free == watchpoints_.end()) return false;
    *free = {address, kind, true};
    const auto at = dwt_stride * static_cast<std::uint32_t>(free - watchpoints_.begin());
    store(dwt_comp + at, address);
    store(dwt_mask + at, mask);
    store(dwt_function + at, static_cast<std::uint32_t>(kind));
    return true;
}

bool Debugger::clear_watchpoint(std::uint32_t address, Watch kind) {
    const auto found = std::ranges::find_if(
        watchpoints_, [&](const Watchpoint& one) { return one.used && one.address == address && one.kind == kind; });
    if (found == watchpoints_.end()) return false;
    found->used = false;
    store(dwt_function + dwt_stride * static_cast<std::uint32_t>(found - watchpoints_.begin()), 0);
    return true;
}

std::optional<WatchHit> Debugger::take_watch_hit() {
    std::optional<WatchHit> hit;
    for (std::uint32_t number = 0; number < watchpoints_.size(); ++number) {
        const Watchpoint& one = watchpoints_[number];
        const bool was_hit = one.used && (load(dwt_function + dwt_stride * number) & matched) != 0;
        if (was_hit && !hit) hit = WatchHit{one.address, one.kind};
    }
    return hit;
}

void Debugger::catch_faults(bool on) {
    change_demcr(vc_faults, on);
}

void Debugger::catch_reset(bool on) {
    change_demcr(vc_corereset, on);
}

}  // namespace sim::debug
