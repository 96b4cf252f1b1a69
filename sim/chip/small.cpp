// SPDX-License-Identifier: ISC
// AFIO, EXTI, PWR, BKP, CRC, DBGMCU.
#include "sim/chip/small.hpp"

namespace sim::chip {

// --- AFIO ---

std::uint32_t Afio::read(std::uint32_t offset) {
    switch (offset) {
        case 0x00:
            return state.evcr;
        case 0x04:
            return state.mapr;
        case 0x08:
        case 0x0c:
        case 0x10:
        case 0x14:
            return state.exticr[(offset - 0x08) / 4];
        case 0x1c:
            return state.mapr2;
        default:
            return reserved("AFIO", offset);
    }
}

void Afio::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    switch (offset) {
        case 0x00:
            state.evcr = check_reserved("AFIO_EVCR", merge(state.evcr, value, mask), 0xff);
            return;
        case 0x04:
            state.mapr = merge(state.mapr, value, mask) & 0x001f'ffff;
            if ((mask & 0x0700'0000) != 0) {
                state.swj = field(value, 24, 3);
                debug_pins_changed();
            }
            return;
        case 0x08:
        case 0x0c:
        case 0x10:
        case 0x14: {
            std::uint32_t& exticr = state.exticr[(offset - 0x08) / 4];
            exticr = check_reserved("AFIO_EXTICR", merge(exticr, value, mask), 0xffff);
            return;
        }
        case 0x1c:
            state.mapr2 = merge(state.mapr2, value, mask);
            return;
        default:
            reserved("AFIO", offset);
    }
}

void Afio::reset() {
    state = {};
    debug_pins_changed();
}

bool Afio::claimed_by_debug(Pin pin) const {
    // RM0008 table 36. 0: all five pins; 1: without NJTRST; 2: serial wire only; 4: none.
    if (state.swj >= 4) return false;
    const bool serial_wire = pin == Pin{'A', 13} || pin == Pin{'A', 14};
    const bool jtag = pin == Pin{'A', 15} || pin == Pin{'B', 3};
    const bool njtrst = pin == Pin{'B', 4};
    return serial_wire || (jtag && state.swj < 2) || (njtrst && state.swj == 0);
}

char Afio::exti_port(unsigned number) const {
    return static_cast<char>('A' + field(state.exticr[number / 4], 4 * (number % 4), 4));
}

// --- EXTI ---

std::uint32_t Exti::read(std::uint32_t offset) {
    switch (offset) {
        case 0x00:
            return state.imr;
        case 0x04:
            return state.emr;
        case 0x08:
            return state.rtsr;
        case 0x0c:
            return state.ftsr;
        case 0x10:
            return 0;
        case 0x14:
            return state.pr;
        default:
            return reserved("EXTI", offset);
    }
}

void Exti::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    constexpr std::uint32_t lines = 0x0007'ffff;
    services_.side_effect = true;
    switch (offset) {
        case 0x00:
            state.imr = check_reserved("EXTI_IMR", merge(state.imr, value, mask), lines);
            break;
        case 0x04:
            state.emr = check_reserved("EXTI_EMR", merge(state.emr, value, mask), lines);
            break;
        case 0x08:
            state.rtsr = check_reserved("EXTI_RTSR", merge(state.rtsr, value, mask), lines);
            break;
        case 0x0c:
            state.ftsr = check_reserved("EXTI_FTSR", merge(state.ftsr, value, mask), lines);
            break;
        case 0x10:
            trigger(value & mask & lines);
            break;
        case 0x14:
            state.pr &= ~(value & mask);
            break;
        default:
            reserved("EXTI", offset);
            return;
    }
    update_lines();
}

void Exti::reset() {
    state = {};
    update_lines();
}

void Exti::edge(unsigned line, bool rising) {
    const std::uint32_t wanted = rising ? state.rtsr : state.ftsr;
    if ((wanted & bit(line)) != 0) trigger(bit(line));
}

void Exti::trigger(std::uint32_t lines) {
    state.pr |= lines & (state.imr | state.emr);
    if ((lines & state.emr) != 0) event();
    update_lines();
}

void Exti::update_lines() {
    const std::uint32_t active = state.pr & state.imr;
    for (unsigned line = 0; line < 5; ++line) {
        services_.set_line(static_cast<Irq>(static_cast<unsigned>(Irq::exti0) + line), (active & bit(line)) != 0);
    }
    services_.set_line(Irq::exti9_5, field(active, 5, 5) != 0);
    services_.set_line(Irq::exti15_10, field(active, 10, 6) != 0);
    services_.set_line(Irq::pvd, (active & bit(16)) != 0);
    services_.set_line(Irq::usb_wakeup, (active & bit(18)) != 0);
}

// --- PWR ---

std::uint32_t Pwr::read(std::uint32_t offset) {
    switch (offset) {
        case 0x00:
            return state.cr;
        case 0x04:
            return state.csr;
        default:
            return reserved("PWR", offset);
    }
}

void Pwr::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    switch (offset) {
        case 0x00:
            value = check_reserved("PWR_CR", merge(state.cr, value, mask), 0x1ff);
            if ((value & bit(2)) != 0) state.csr &= ~bit(0);
            if ((value & bit(3)) != 0) state.csr &= ~bit(1);
            state.cr = value & ~(bit(2) | bit(3));
            return;
        case 0x04:
            state.csr = merge(state.csr, value, mask & bit(8));
            return;
        default:
            reserved("PWR", offset);
    }
}

// --- BKP ---

std::uint16_t* Bkp::at(std::uint32_t offset) {
    if (offset >= 0x04 && offset <= 0x28) return &state.dr[offset / 4 - 1];
    if (offset >= 0x40 && offset <= 0xbc && count_ > 10) return &state.dr[(offset - 0x40) / 4 + 10];
    switch (offset) {
        case 0x2c:
            return &state.rtccr;
        case 0x30:
            return &state.cr;
        case 0x34:
            return &state.csr;
        default:
            return nullptr;
    }
}

std::uint32_t Bkp::read(std::uint32_t offset) {
    const std::uint16_t* const where = at(offset);
    return where != nullptr ? *where : reserved("BKP", offset);
}

void Bkp::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    std::uint16_t* const where = at(offset);
    if (where == nullptr) {
        reserved("BKP", offset);
        return;
    }
    if (writable()) *where = static_cast<std::uint16_t>(merge(*where, value, mask));  // 5.4.1: else ignored
}

// --- CRC ---

std::uint32_t Crc::read(std::uint32_t offset) {
    switch (offset) {
        case 0x00:
            return state.dr;
        case 0x04:
            return state.idr;
        case 0x08:
            return 0;
        default:
            return reserved("CRC", offset);
    }
}

void Crc::write(std::uint32_t offset, std::uint32_t value, std::uint32_t) {
    constexpr std::uint32_t polynomial = 0x04c1'1db7;
    services_.side_effect = true;
    switch (offset) {
        case 0x00:
            state.dr ^= value;
            for (int step = 0; step < 32; ++step)
                state.dr = (state.dr << 1) ^ ((state.dr & bit(31)) != 0 ? polynomial : 0);
            return;
        case 0x04:
            state.idr = value & 0xff;
            return;
        case 0x08:
            if (check_reserved("CRC_CR", value, 1) != 0) state.dr = 0xffff'ffff;
            return;
        default:
            reserved("CRC", offset);
    }
}

// --- DBGMCU ---

std::uint32_t Dbgmcu::read(std::uint32_t offset) {
    switch (offset) {
        case 0x00:
            return idcode_;
        case 0x04:
            return state.cr;
        default:
            return reserved("DBGMCU", offset);
    }
}

void Dbgmcu::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    if (offset == 0x04)
        state.cr = merge(state.cr, value, mask);
    else
        reserved("DBGMCU", offset);
}

}  // namespace sim::chip
