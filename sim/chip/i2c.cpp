// SPDX-License-Identifier: ISC
// The bus, phase by phase. Sections are RM0008's.
#include "sim/chip/i2c.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace sim::chip {

namespace {
enum Offset : std::uint32_t {
    cr1 = 0x00,
    cr2 = 0x04,
    oar1 = 0x08,
    oar2 = 0x0c,
    dr = 0x10,
    sr1 = 0x14,
    sr2 = 0x18,
    ccr = 0x1c,
    trise = 0x20
};
constexpr std::uint32_t pe = bit(0), refused_modes = bit(1) | bit(4) | bit(5), start_bit = bit(8), stop_bit = bit(9),
                        ack = bit(10), pos = bit(11), swrst = bit(15);
constexpr std::uint32_t iterren = bit(8), itevten = bit(9), itbufen = bit(10), dmaen = bit(11);
constexpr std::uint32_t sb = bit(0), addr = bit(1), btf = bit(2), rxne = bit(6), txe = bit(7), af = bit(10),
                        errors = 0xdf00;

constexpr I2cKind kind1{.place = {.name = "I2C1", .base = 0x4000'5400, .gate = Gate::apb1, .gate_bit = 21},
                        .number = 1,
                        .event_interrupt = 31,
                        .error_interrupt = 32,
                        .remap = {.at = 1, .width = 1},
                        .scl = {{{'B', 6}, {'B', 8}}},
                        .sda = {{{'B', 7}, {'B', 9}}}};
constexpr I2cKind kind2{.place = {.name = "I2C2", .base = 0x4000'5800, .gate = Gate::apb1, .gate_bit = 22},
                        .number = 2,
                        .event_interrupt = 33,
                        .error_interrupt = 34,
                        .scl = {{{'B', 10}}},
                        .sda = {{{'B', 11}}}};
}  // namespace

const I2cKind& i2c1() {
    return kind1;
}
const I2cKind& i2c2() {
    return kind2;
}

I2c::I2c(Services& services, const Rcc& rcc, AlternatePins pins, const I2cKind& kind)
    : Peripheral(services, kind.place),
      state(services),
      rcc_(rcc),
      pins_(pins),
      kind_(kind),
      done_(services, [this] { on_done(); }),
      event_line_(services, kind.event_interrupt),
      error_line_(services, kind.error_interrupt) {}

std::uint32_t I2c::read(std::uint32_t offset) {
    switch (offset) {
        case cr1:
            return state.cr1;
        case cr2:
            return state.cr2;
        case oar1:
            return state.oar1;
        case oar2:
            return state.oar2;
        case dr:
            services_.side_effect = true;
            return read_dr();
        case sr1:
            services_.side_effect = services_.side_effect || (state.sr1 & (sb | addr)) != 0;
            state.sr1_read = true;
            return state.sr1;
        case sr2: {
            const bool lines_low = (state.cr1 & pe) != 0 && !bus;
            const std::uint32_t value =
                (state.master ? 1U : 0) | (state.busy || lines_low ? 2U : 0) | (state.transmitter ? 4U : 0);
            if (std::exchange(state.sr1_read, false) && (state.sr1 & addr) != 0) {  // 26.6.6
                services_.side_effect = true;
                state.sr1 &= ~addr;
                if (state.transmitter) state.sr1 |= txe;
                look();
            }
            return value;
        }
        case ccr:
            return state.ccr;
        case trise:
            return state.trise;
        default:
            return reserved(offset);
    }
}

void I2c::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    const auto when_off = [&](std::uint32_t& to, std::uint32_t allowed) {  // 26.6.8, 26.6.9
        if ((state.cr1 & pe) != 0)
            services_.warn(fmt::format("{}: CCR and TRISE are written while PE is 0 only (26.6.8)", place().name));
        to = merge(to, value, mask) & allowed;
    };
    switch (offset) {
        case cr1:
            return write_cr1(merge(state.cr1, value, mask));
        case cr2: {
            state.cr2 = check_reserved("I2C_CR2", merge(state.cr2, value, mask), 0x1f3f);
            if ((state.cr2 & dmaen) != 0)
                services_.complain(fmt::format("{}_CR2: DMA requests (DMAEN) are not modelled", place().name));
            return update_lines();
        }
        case oar1:
            state.oar1 = merge(state.oar1, value, mask) & 0xc3ff;
            return;
        case oar2:
            state.oar2 = merge(state.oar2, value, mask) & 0xff;
            return;
        case dr:
            return write_dr(static_cast<std::uint8_t>(value));
        case sr1:
            state.sr1 &= value | ~(mask & errors);
            return update_lines();
        case sr2:
            return services_.warn(fmt::format("{}_SR2 is read-only (26.6.7)", place().name));
        case ccr:
            return when_off(state.ccr, 0xcfff);
        case trise:
            return when_off(state.trise, 0x3f);
        default:
            reserved(offset);
    }
}

void I2c::write_cr1(std::uint32_t value) {
    if ((value & swrst) != 0) {
        reset();
        state.cr1 = swrst;
        return;
    }
    if ((value & refused_modes) != 0)
        services_.complain(fmt::format("{}_CR1: SMBus and PEC are not modelled", place().name));
    if ((value & pe) == 0) {  // 26.6.1
        const I2cState old = state;
        reset();
        state.cr2 = old.cr2;
        state.oar1 = old.oar1;
        state.oar2 = old.oar2;
        state.ccr = old.ccr;
        state.trise = old.trise;
        state.cr1 = value & ~(start_bit | stop_bit | ack);
        return;
    }
    const std::uint32_t mhz = rcc_.pclk1_hz() / 1'000'000;
    if ((value & start_bit) != 0 && field(state.cr2, 0, 6) != mhz)
        services_.warn(
            fmt::format("{}_CR2: FREQ is {}, and PCLK1 {} MHz (26.6.2)", place().name, field(state.cr2, 0, 6), mhz));
    state.cr1 = value;
    look();
}

void I2c::write_dr(std::uint8_t value) {
    if ((state.sr1 & sb) != 0) {  // 26.3.3: SR1 was read, the address is written
        if (!std::exchange(state.sr1_read, false))
            services_.warn(
                fmt::format("{}: SB is cleared by a read of SR1 before DR is written (26.6.6)", place().name));
        if ((value & 0xf8) == 0xf0)
            services_.complain(fmt::format("{}: 10-bit addresses are not modelled", place().name));
        state.sr1 &= ~sb;
        state.shift = value;
        go(Phase::address, 9);
        return update_lines();
    }
    if (!state.transmitter || (state.sr1 & txe) == 0)
        services_.warn(fmt::format("{}_DR: written while TXE is 0 (26.3.3)", place().name));
    state.dr = value;
    state.dr_full = true;
    state.sr1 &= ~(txe | btf);
    look();
}

std::uint8_t I2c::read_dr() {
    const std::uint8_t value = state.dr;
    state.sr1 &= ~(rxne | btf);
    if (std::exchange(state.shift_full, false)) {
        state.dr = state.shift;
        state.sr1 |= rxne;
    }
    look();
    return value;
}

Time I2c::bit_time() const {
    const std::int64_t count = std::max<std::int64_t>(field(state.ccr, 0, 12), 1);
    const bool fast = (state.ccr & bit(15)) != 0, duty = (state.ccr & bit(14)) != 0;
    return time_of(count * (!fast ? 2 : duty ? 25 : 3), rcc_.pclk1_hz());  // 26.6.8
}

/// The program's pins reach the bus, and the bus has pull-ups.
bool I2c::wired() const {
    const bool open_drain = pins_.is_open_drain(kind_.scl) && pins_.is_open_drain(kind_.sda);
    if (!open_drain)
        services_.warn(fmt::format("{}: SCL or SDA is not an open-drain alternate function (9.1.11)", place().name));
    return open_drain && bus;
}

void I2c::go(Phase phase, std::int64_t bits) {
    state.phase = phase;
    done_.set(services_.now() + bit_time() * bits);
}

/// Begins what can begin now.
void I2c::look() {
    update_lines();
    const bool free = state.phase == Phase::idle || state.phase == Phase::ready;
    if (!free) return;
    const bool holds = (state.sr1 & (sb | addr)) != 0;  // SCL is stretched until software has seen it
    if ((state.cr1 & start_bit) != 0 && !holds) {
        if (wired()) go(Phase::start, 1);
        return;
    }
    if (state.phase == Phase::idle || holds) return;
    const bool receives_more = !state.transmitter && !state.nack_sent && !state.shift_full;
    if (state.transmitter && state.dr_full) {
        state.shift = state.dr;
        state.dr_full = false;
        state.sr1 |= txe;
        go(Phase::sending, 9);
    } else if ((state.cr1 & stop_bit) != 0 && (state.transmitter || state.nack_sent || (state.sr1 & af) != 0)) {
        go(Phase::stop, 1);
    } else if (receives_more) {
        state.ack_of_this_byte = (state.cr1 & ack) != 0;
        go(Phase::receiving, 9);
    }
    update_lines();
}

void I2c::on_done() {
    const Phase phase = std::exchange(state.phase, Phase::ready);
    switch (phase) {
        case Phase::start:
            state.master = state.busy = true;
            state.transmitter = state.nack_sent = state.sr1_read = false;
            state.cr1 &= ~start_bit;
            state.sr1 = (state.sr1 & errors) | sb;
            break;
        case Phase::address:
            on_address();
            break;
        case Phase::sending:
            if (!bus || !bus->write(state.shift)) state.sr1 |= af;
            if (!state.dr_full) state.sr1 |= btf;
            break;
        case Phase::receiving:
            on_received();
            break;
        case Phase::stop:
            if (bus) bus->stop(services_.now());
            state.master = state.busy = state.transmitter = false;
            state.cr1 &= ~stop_bit;
            state.sr1 &= rxne | errors | (state.shift_full ? btf : 0);
            state.phase = Phase::idle;
            break;
        case Phase::idle:
        case Phase::ready:
            break;
    }
    look();
}

void I2c::on_address() {
    state.transmitter = (state.shift & 1) == 0;
    state.sr1 |= bus && bus->address(state.shift, services_.now()) ? addr : af;
    if ((state.sr1 & af) != 0) state.nack_sent = true;  // nothing follows but STOP or START
}

void I2c::on_received() {
    state.shift = bus ? bus->read() : std::uint8_t{0xff};
    // 26.6.1: with POS the bit ACK is that of the next byte; else it is read when the byte ends.
    const bool acknowledges = (state.cr1 & pos) != 0 ? state.ack_of_this_byte : (state.cr1 & ack) != 0;
    state.nack_sent = !acknowledges;
    if ((state.sr1 & rxne) != 0) {
        state.shift_full = true;  // SCL is stretched
        state.sr1 |= btf;
        return;
    }
    state.dr = state.shift;
    state.sr1 |= rxne;
}

void I2c::reset() {
    state = {};
    done_.cancel();
    update_lines();
}

void I2c::update_lines() {
    const std::uint32_t events = sb | addr | btf | ((state.cr2 & itbufen) != 0 ? rxne | txe : 0);
    event_line_.set((state.cr2 & itevten) != 0 && (state.sr1 & events) != 0);
    error_line_.set((state.cr2 & iterren) != 0 && (state.sr1 & errors) != 0);
}

}  // namespace sim::chip
