// SPDX-License-Identifier: ISC
// Registers of NVIC and SCB. ARMv7-M ARM B3.2, B3.4; PM0056 4.
#include "sim/chip/scs.hpp"

#include "sim/chip/rom_table.hpp"

namespace sim::chip {

namespace {

constexpr std::uint32_t cpuid = 0x411f'c231;  // Cortex-M3 r1p1
constexpr std::uint32_t page = 0xe000;        ///< Of 4 KiB, in which all of them are.
enum Block : std::uint32_t {
    ictr = 0xe004,
    systick_base = 0xe010,
    nvic_base = 0xe100,
    nvic_end = 0xe4f0,
    scb_base = 0xed00,
    scb_end = 0xed8c,
    stir = 0xef00
};
enum Offset : std::uint32_t {
    id = 0x00,
    icsr_at = 0x04,
    vtor = 0x08,
    aircr = 0x0c,
    scr = 0x10,
    ccr = 0x14,
    shpr1 = 0x18,
    shpr3 = 0x20,
    shcsr = 0x24,
    cfsr = 0x28,
    hfsr = 0x2c,
    dfsr = 0x30,
    mmfar = 0x34,
    bfar = 0x38
};
constexpr std::uint32_t vectkey = 0x05fa;
constexpr std::uint8_t implemented_priority = 0xf0;

/// Exceptions 7 to 10 and 13 are reserved, and so are their bytes in SHPR1 to SHPR3.
bool has_priority(std::uint32_t exception) {
    return exception <= usage_fault || exception == sv_call || exception == debug_monitor || exception >= pend_sv;
}

bool in_systick(std::uint32_t offset) {
    return offset >= systick_base && offset < systick_base + 0x10;
}

}  // namespace

void Scs::reset() {
    systick_.reset();
    exceptions_.reset();
}

std::uint32_t Scs::read(std::uint32_t offset) {
    if (in_systick(offset)) return systick_.read(offset - systick_base);
    if (offset >= nvic_base && offset < nvic_end) return read_nvic(offset - nvic_base);
    if (offset >= scb_base && offset < scb_end) return read_scb(offset - scb_base);
    if (offset >= page + first_identification) return identification(offset - page, 0x04'001b'b000, 0xb105'e00d);
    switch (offset) {
        case ictr:
            return 1;  // up to 64 interrupts
        default:
            return reserved(offset);
    }
}

void Scs::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    services_.attention = true;
    if (in_systick(offset)) return systick_.write(offset - systick_base, value);
    if (offset >= nvic_base && offset < nvic_end) return write_nvic(offset - nvic_base, value, mask);
    if (offset >= scb_base && offset < scb_end) return write_scb(offset - scb_base, value, mask);
    switch (offset) {
        case stir:
            if ((value & 0x1ff) < exception_count - first_irq) {
                exceptions_.pend(first_irq + static_cast<int>(value & 0x1ff));
            }
            return;
        default:
            reserved(offset);
    }
}

std::uint32_t Scs::read_nvic(std::uint32_t offset) {
    std::uint32_t value = 0;
    if (offset >= 0x300) {
        const std::uint32_t first = offset - 0x300 + first_irq;
        for (std::uint32_t lane = 0; lane < 4 && first + lane < exception_count; ++lane) {
            value |= std::uint32_t{exceptions_.state.priority[first + lane]} << (8 * lane);
        }
        return value;
    }
    const std::uint32_t first = (offset & 0x1f) * 8 + first_irq;
    for (std::uint32_t at = 0; at < 32 && first + at < exception_count; ++at) {
        const auto number = static_cast<int>(first + at);
        const bool set = offset < 0x100   ? exceptions_.enabled(number)
                         : offset < 0x200 ? exceptions_.pends(number)
                                          : exceptions_.state.active[first + at];
        if (set) value |= bit(at);
    }
    return value;
}

void Scs::write_nvic(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    ExceptionState& state = exceptions_.state;
    if (offset >= 0x300) {
        const std::uint32_t first = offset - 0x300 + first_irq;
        for (std::uint32_t lane = 0; lane < 4 && first + lane < exception_count; ++lane) {
            if (field(mask, 8 * lane, 8) == 0) continue;
            state.priority[first + lane] = static_cast<std::uint8_t>(value >> (8 * lane)) & implemented_priority;
        }
        return;
    }
    const std::uint32_t first = (offset & 0x1f) * 8 + first_irq;
    // Bits past the last interrupt read as zero and ignore writes; clearing all with ones is common.
    for (std::uint32_t at = 0; at < 32 && first + at < exception_count; ++at) {
        if ((value & mask & bit(at)) == 0) continue;
        switch (offset & ~0x1fu) {
            case 0x000:
                state.enabled[first + at] = true;
                break;
            case 0x080:
                state.enabled[first + at] = false;
                break;
            case 0x100:
                exceptions_.pend(static_cast<int>(first + at));
                break;
            case 0x180:
                state.pending[first + at] = false;
                break;
            default:
                break;
        }
    }
}

std::uint32_t Scs::icsr() const {
    const int pending = exceptions_.highest_pending();
    std::uint32_t value = exceptions_.ipsr() | static_cast<std::uint32_t>(pending) << 12;
    if (pending >= first_irq) value |= bit(22);
    if (exceptions_.active_count() <= 1) value |= bit(11);
    if (exceptions_.state.pending[systick_exception]) value |= bit(26);
    if (exceptions_.state.pending[pend_sv]) value |= bit(28);
    return value;
}

std::uint32_t Scs::read_scb(std::uint32_t offset) {
    const ExceptionState& state = exceptions_.state;
    if (offset >= shpr1 && offset <= shpr3) {
        const std::size_t first = offset - shpr1 + 4;
        std::uint32_t value = 0;
        for (std::size_t lane = 0; lane < 4; ++lane)
            value |= std::uint32_t{state.priority[first + lane]} << (8 * lane);
        return value;
    }
    switch (offset) {
        case id:
            return cpuid;
        case icsr_at:
            return icsr();
        case vtor:
            return state.vtor;
        case aircr:
            return 0xfa05'0000 | state.prigroup << 8;
        case scr:
            return state.scr;
        case ccr:
            return state.ccr;
        case shcsr:
            return (state.active[mem_manage] ? bit(0) : 0) | (state.active[bus_fault] ? bit(1) : 0) |
                   (state.active[usage_fault] ? bit(3) : 0) | (state.active[sv_call] ? bit(7) : 0) |
                   (state.active[pend_sv] ? bit(10) : 0) | (state.active[systick_exception] ? bit(11) : 0) |
                   (state.enabled[mem_manage] ? bit(16) : 0) | (state.enabled[bus_fault] ? bit(17) : 0) |
                   (state.enabled[usage_fault] ? bit(18) : 0);
        case cfsr:
            return state.cfsr;
        case hfsr:
            return state.hfsr;
        case dfsr:
            return debug_.state.dfsr;
        case mmfar:
            return state.mmfar;
        case bfar:
            return state.bfar;
        default:
            return reserved(scb_base + offset);
    }
}

void Scs::write_scb(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    ExceptionState& state = exceptions_.state;
    if (offset >= shpr1 && offset <= shpr3) {
        for (std::uint32_t lane = 0; lane < 4; ++lane) {
            const std::uint32_t exception = offset - shpr1 + 4 + lane;
            if (field(mask, 8 * lane, 8) == 0 || !has_priority(exception)) continue;
            state.priority[exception] = static_cast<std::uint8_t>(value >> (8 * lane)) & implemented_priority;
        }
        return;
    }
    switch (offset) {
        case icsr_at:
            if ((value & bit(31)) != 0) exceptions_.pend(nmi);
            if ((value & bit(28)) != 0) exceptions_.pend(pend_sv);
            if ((value & bit(27)) != 0) state.pending[pend_sv] = false;
            if ((value & bit(26)) != 0) exceptions_.pend(systick_exception);
            if ((value & bit(25)) != 0) state.pending[systick_exception] = false;
            return;
        case vtor:
            state.vtor = check_reserved("SCB_VTOR", value, 0x3fff'ff80);
            return;
        case aircr:
            if (value >> 16 != vectkey) return;  // B3.2.6: ignored without the key
            state.prigroup = field(value, 8, 3);
            if ((value & bit(2)) != 0)
                services_.request_reset(ResetCause::software);
            else if ((value & bit(0)) != 0)
                services_.request_core_reset();  // B3.2.6: reserved for debuggers, and works
            return;
        case scr:
            state.scr = check_reserved("SCB_SCR", merge(state.scr, value, mask), 0x16);
            return;
        case ccr:
            state.ccr = check_reserved("SCB_CCR", merge(state.ccr, value, mask), 0x31b);
            return;
        case shcsr: {
            const std::uint32_t enables = merge(read_scb(shcsr), value, mask);
            state.enabled[mem_manage] = (enables & bit(16)) != 0;
            state.enabled[bus_fault] = (enables & bit(17)) != 0;
            state.enabled[usage_fault] = (enables & bit(18)) != 0;
            return;
        }
        case cfsr:
            state.cfsr &= ~(value & mask);
            return;
        case hfsr:
            state.hfsr &= ~(value & mask);
            return;
        case dfsr:
            debug_.state.dfsr &= ~(value & mask);
            return;
        case mmfar:
            state.mmfar = merge(state.mmfar, value, mask);
            return;
        case bfar:
            state.bfar = merge(state.bfar, value, mask);
            return;
        default:
            reserved(scb_base + offset);
    }
}

}  // namespace sim::chip
