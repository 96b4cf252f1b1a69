// SPDX-License-Identifier: ISC
// Modes, mailboxes and FIFOs; the filters are in can_filters.cpp. Sections are RM0008's.
#include "sim/chip/can.hpp"

#include <fmt/format.h>

namespace sim::chip {

namespace {
enum Offset : std::uint32_t {
    mcr = 0x00,
    msr = 0x04,
    tsr = 0x08,
    rf0r = 0x0c,
    rf1r = 0x10,
    ier = 0x14,
    esr = 0x18,
    btr = 0x1c,
    first_mailbox = 0x180,
    first_fifo = 0x1b0,
    fifo_end = 0x1d0,
    first_filter = 0x200
};
constexpr std::uint32_t inrq = bit(0), sleep = bit(1), txfp = bit(2), rflm = bit(3), nart = bit(4), ttcm = bit(7),
                        software_reset = bit(15);
constexpr std::uint32_t inak = bit(0), slak = bit(1), erri = bit(2), wkui = bit(3), slaki = bit(4);
constexpr std::uint32_t txrq = bit(0), extended = bit(2), remote = bit(1);
constexpr std::uint32_t rqcp = bit(0), txok = bit(1), terr = bit(3), tme0 = bit(26);
constexpr std::uint32_t lbkm = bit(30), fmpie0 = bit(1);
constexpr std::int64_t recessive_bits = 11;
}  // namespace

Can::Can(Services& services, const Rcc& rcc, AlternatePins pins)
    : Peripheral(services, {.name = "CAN", .base = 0x4000'6400, .widths = word, .gate = Gate::apb1, .gate_bit = 25}),
      state(services),
      rcc_(rcc),
      pins_(pins),
      mode_changed_(services, [this] { leave_initialisation(); }),
      sent_(services, [this] { on_sent(); }),
      tx_line_(services, 19),
      rx0_line_(services, 20),
      rx1_line_(services, 21),
      status_line_(services, 22) {}

std::uint32_t Can::read(std::uint32_t offset) {
    const auto item = [offset](const CanFrame& frame) {
        const std::array values{frame.identifier, frame.length, frame.low, frame.high};
        return values[offset % 16 / 4];
    };
    if (offset >= first_mailbox && offset < first_fifo) return item(state.mailbox[(offset - first_mailbox) / 16]);
    if (offset >= first_fifo && offset < fifo_end) return item(state.fifo[(offset - first_fifo) / 16].frames[0]);
    if (offset >= first_filter) {
        const std::uint32_t* const at = filter_register(offset);
        return at != nullptr ? *at : reserved(offset);
    }
    switch (offset) {
        case mcr:
            return state.mcr;
        case msr:
            return state.msr;
        case tsr:
            return state.tsr;
        case rf0r:
        case rf1r: {
            const CanState::Fifo& fifo = state.fifo[(offset - rf0r) / 4];
            return fifo.count | (fifo.full ? bit(3) : 0) | (fifo.overrun ? bit(4) : 0);
        }
        case ier:
            return state.ier;
        case esr:
            return state.esr;
        case btr:
            return state.btr;
        default:
            return reserved(offset);
    }
}

void Can::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    if (rcc_.enabled(Gate::apb1, 23))
        services_.warn("CAN: shares its memory with USB, and only one of them may have a clock (3.3.1)");
    if (offset >= first_filter) return write_filter(offset, value, mask);
    if (offset >= first_mailbox && offset < first_fifo)
        return write_mailbox((offset - first_mailbox) / 16, offset % 16, value, mask);
    if (offset >= first_fifo && offset < fifo_end) return services_.warn("CAN: a receive FIFO is read-only (24.9.3)");
    write_control(offset, value, mask);
}

void Can::write_control(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    switch (offset) {
        case mcr:
            return write_mcr(merge(state.mcr, value, mask));
        case msr:  // cleared by ones
            state.msr &= ~(value & mask & (erri | wkui | slaki));
            return update_lines();
        case tsr:
            return write_tsr(value & mask);
        case rf0r:
        case rf1r:
            return write_fifo(state.fifo[(offset - rf0r) / 4], value & mask);
        case ier:
            state.ier = check_reserved("CAN_IER", merge(state.ier, value, mask), 0x3'8f7f);
            return update_lines();
        case esr:
            state.esr = merge(state.esr, value, mask & 0x70);  // LEC
            return;
        case btr:
            if ((state.msr & inak) == 0) return services_.warn("CAN_BTR: written outside of initialisation (24.9.2)");
            state.btr = check_reserved("CAN_BTR", merge(state.btr, value, mask), 0xc37f'03ff);
            return;
        default:
            reserved(offset);
    }
}

void Can::write_mcr(std::uint32_t value) {
    if ((value & software_reset) != 0) return reset();
    if ((value & ttcm) != 0) services_.complain("CAN_MCR: time-triggered communication (TTCM) is not modelled");
    state.mcr = value & 0x1'00ff;
    const bool asleep = (state.mcr & sleep) != 0, initialising = (state.mcr & inrq) != 0;
    state.msr = merge(state.msr, asleep && !initialising ? slak : 0, slak);
    if (initialising && !asleep) state.msr |= inak;
    // 24.4.1, 24.4.2: leaving needs eleven recessive bits.
    if (!initialising && (state.msr & inak) != 0)
        mode_changed_.set(services_.now() + bit_time() * recessive_bits);
    else
        mode_changed_.cancel();
}

bool Can::loops_back() const {
    return (state.btr & lbkm) != 0;
}

void Can::leave_initialisation() {
    static constexpr SignalPins rx{{{'A', 11}, {'A', 11}, {'B', 8}, {'D', 0}}};
    // In loopback mode the pin is cut off (24.5.2). Elsewhere a line that stays low keeps the node out for ever.
    if (!loops_back() && pins_.level(rx) == Level::low)
        return mode_changed_.set(services_.now() + bit_time() * recessive_bits);
    state.msr &= ~inak;
    send_next();
}

Time Can::bit_time() const {
    const std::int64_t quanta = 3 + field(state.btr, 16, 4) + field(state.btr, 20, 3);
    return time_of(quanta * (field(state.btr, 0, 10) + 1), rcc_.pclk1_hz());
}

Time Can::frame_time(const CanFrame& frame) const {
    // ISO 11898-1 without stuff bits, with the three of the intermission.
    const std::int64_t data = (frame.identifier & remote) != 0 ? 0 : 8 * std::int64_t{field(frame.length, 0, 4)};
    return bit_time() * (((frame.identifier & extended) != 0 ? 67 : 47) + data);
}

// --- sending ---

void Can::write_mailbox(std::size_t number, std::uint32_t item, std::uint32_t value, std::uint32_t mask) {
    CanFrame& frame = state.mailbox[number];
    if ((state.tsr & (tme0 << number)) == 0)
        return services_.warn(fmt::format("CAN: mailbox {} is written while it waits to be sent (24.7.1)", number));
    std::uint32_t& to = item == 0 ? frame.identifier : item == 4 ? frame.length : item == 8 ? frame.low : frame.high;
    to = merge(to, value, mask);
    if (item != 0 || (frame.identifier & txrq) == 0) return;
    if (field(frame.length, 0, 4) > 8) services_.warn(fmt::format("CAN_TDT{}R: DLC is 8 at most (24.9.3)", number));
    state.tsr &= ~(tme0 << number) & ~((rqcp | txok | bit(2) | terr) << (8 * number));
    state.requested_at[number] = ++state.requests;
    send_next();
    update_lines();
}

void Can::write_tsr(std::uint32_t value) {
    for (unsigned number = 0; number < can_mailboxes; ++number) {
        const std::uint32_t own = value >> (8 * number);
        if ((own & rqcp) != 0) state.tsr &= ~((rqcp | txok | bit(2) | terr) << (8 * number));
        const bool waits = (state.tsr & (tme0 << number)) == 0;
        if ((own & bit(7)) != 0 && waits && state.sending != static_cast<int>(number)) end_request(number, rqcp);
        if ((own & bit(7)) != 0 && waits && state.sending == static_cast<int>(number) && !loops_back()) {
            state.sending = -1;
            sent_.cancel();
            end_request(number, rqcp);
        }
    }
    send_next();
    update_lines();
}

void Can::send_next() {
    if (state.sending >= 0 || (state.msr & (inak | slak)) != 0) return;
    for (std::size_t number = 0; number < can_mailboxes; ++number) {
        if ((state.tsr & (tme0 << number)) != 0) continue;
        const auto rank = [&](std::size_t of) {  // 24.7.1: by identifier, or in the order of the requests
            return (state.mcr & txfp) != 0 ? state.requested_at[of] : state.mailbox[of].identifier >> 1;
        };
        if (state.sending < 0 || rank(number) < rank(static_cast<std::size_t>(state.sending)))
            state.sending = static_cast<int>(number);
    }
    if (state.sending < 0) return;
    sent_.set(services_.now() + frame_time(state.mailbox[static_cast<std::size_t>(state.sending)]));
}

void Can::on_sent() {
    const auto number = static_cast<std::size_t>(state.sending);
    if (!loops_back()) {  // nobody acknowledges: error passive, and again for ever (24.7.6)
        constexpr std::uint32_t acknowledgement_error = 3U << 4, error_passive = bit(1) | bit(0);
        state.esr = 128U << 16 | acknowledgement_error | error_passive;
        if ((state.mcr & nart) != 0) {
            state.sending = -1;
            end_request(number, rqcp | terr);
        } else {
            sent_.set(services_.now() + frame_time(state.mailbox[number]));
        }
        return update_lines();
    }
    state.sending = -1;
    end_request(number, rqcp | txok);
    receive(state.mailbox[number]);
    send_next();
    update_lines();
}

void Can::end_request(std::size_t number, std::uint32_t flags) {
    state.tsr |= tme0 << number | flags << (8 * number);
    state.mailbox[number].identifier &= ~txrq;
}

// --- receiving ---

void Can::receive(const CanFrame& sent) {
    const auto found = match(sent.identifier);
    if (!found) return;
    CanState::Fifo& fifo = state.fifo[found->fifo];
    const CanFrame frame{.identifier = sent.identifier & ~txrq,
                         .length = field(sent.length, 0, 4) | found->index << 8,
                         .low = sent.low,
                         .high = sent.high};
    if (fifo.count == can_fifo_depth) {  // 24.7.3
        fifo.overrun = true;
        if ((state.mcr & rflm) == 0) fifo.frames.back() = frame;
        return;
    }
    fifo.frames[fifo.count++] = frame;
    fifo.full = fifo.full || fifo.count == can_fifo_depth;
}

void Can::write_fifo(CanState::Fifo& fifo, std::uint32_t value) {
    if ((value & bit(3)) != 0) fifo.full = false;
    if ((value & bit(4)) != 0) fifo.overrun = false;
    if ((value & bit(5)) != 0 && fifo.count > 0) {  // RFOM
        fifo.frames[0] = fifo.frames[1];
        fifo.frames[1] = fifo.frames[2];
        --fifo.count;
    }
    update_lines();
}

void Can::reset() {
    state = {};
    mode_changed_.cancel();
    sent_.cancel();
    update_lines();
}

void Can::update_lines() {
    const auto receives = [this](const CanState::Fifo& fifo, unsigned shift) {
        const std::uint32_t enabled = state.ier >> shift;
        return (fifo.count > 0 && (enabled & fmpie0) != 0) || (fifo.full && (enabled & bit(2)) != 0) ||
               (fifo.overrun && (enabled & bit(3)) != 0);
    };
    constexpr std::uint32_t any_rqcp = rqcp | rqcp << 8 | rqcp << 16;
    tx_line_.set((state.tsr & any_rqcp) != 0 && (state.ier & bit(0)) != 0);
    rx0_line_.set(receives(state.fifo[0], 0));
    rx1_line_.set(receives(state.fifo[1], 3));
    status_line_.set((state.ier & bit(15)) != 0 && (state.msr & erri) != 0);
}

}  // namespace sim::chip
