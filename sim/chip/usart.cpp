// SPDX-License-Identifier: ISC
// Data and shift registers, both ways. Sections are RM0008's.
#include "sim/chip/usart.hpp"

#include <bit>

#include <fmt/format.h>

namespace sim::chip {

namespace {
enum Offset : std::uint32_t { sr = 0x00, dr = 0x04, brr = 0x08, cr1 = 0x0c, cr2 = 0x10, cr3 = 0x14, gtpr = 0x18 };
constexpr std::uint32_t pe = bit(0), fe = bit(1), ore = bit(3), idle_flag = bit(4), rxne = bit(5), tc_flag = bit(6),
                        txe_flag = bit(7);
constexpr std::uint32_t cleared_by_reading = pe | fe | bit(2) | ore | idle_flag;  // 27.6.1: SR, then DR
constexpr std::uint32_t re = bit(2), te = bit(3), idleie = bit(4), rxneie = bit(5), tcie = bit(6), txeie = bit(7),
                        peie = bit(8), odd = bit(9), pce = bit(10), nine_bits = bit(12), ue = bit(13);
constexpr std::uint32_t eie = bit(0), dmar = bit(6), dmat = bit(7);

constexpr UsartKind kind1{.place = {.name = "USART1", .base = 0x4001'3800, .gate = Gate::apb2, .gate_bit = 14},
                          .number = 1,
                          .interrupt = 37,
                          .dma_tx = 4,
                          .dma_rx = 5,
                          .remap = {.at = 2, .width = 1},
                          .tx = {{{'A', 9}, {'B', 6}}},
                          .rx = {{{'A', 10}, {'B', 7}}}};
constexpr UsartKind kind2{.place = {.name = "USART2", .base = 0x4000'4400, .gate = Gate::apb1, .gate_bit = 17},
                          .number = 2,
                          .interrupt = 38,
                          .dma_tx = 7,
                          .dma_rx = 6,
                          .remap = {.at = 3, .width = 1},
                          .tx = {{{'A', 2}, {'D', 5}}},
                          .rx = {{{'A', 3}, {'D', 6}}}};
constexpr UsartKind kind3{.place = {.name = "USART3", .base = 0x4000'4800, .gate = Gate::apb1, .gate_bit = 18},
                          .number = 3,
                          .interrupt = 39,
                          .dma_tx = 2,
                          .dma_rx = 3,
                          .remap = {.at = 4, .width = 2},
                          .tx = {{{'B', 10}, {'C', 10}, {'B', 10}, {'D', 8}}},
                          .rx = {{{'B', 11}, {'C', 11}, {'B', 11}, {'D', 9}}}};
}  // namespace

const UsartKind& usart1() {
    return kind1;
}
const UsartKind& usart2() {
    return kind2;
}
const UsartKind& usart3() {
    return kind3;
}

Usart::Usart(Services& services, const Rcc& rcc, AlternatePins pins, const UsartKind& kind)
    : Peripheral(services, kind.place),
      state(services),
      rcc_(rcc),
      pins_(pins),
      kind_(kind),
      frame_sent_(services, [this] { on_frame_sent(); }),
      frame_received_(services, [this] { on_frame_received(); }),
      idle_(services, [this] { on_idle(); }),
      line_(services, kind.interrupt),
      tx_request_(services, kind.dma_tx),
      rx_request_(services, kind.dma_rx) {}

std::uint32_t Usart::read(std::uint32_t offset) {
    switch (offset) {
        case sr:
            services_.side_effect = services_.side_effect || (state.errors & cleared_by_reading) != 0;
            state.sr_read = true;
            return (state.txe ? txe_flag : 0) | (state.tc ? tc_flag : 0) | state.errors;
        case dr:
            services_.side_effect = true;
            if (state.sr_read) state.errors &= ~cleared_by_reading;
            state.errors &= ~rxne;
            state.sr_read = false;
            update_line();
            return state.received;
        case brr:
            return state.brr;
        case cr1:
            return state.cr1;
        case cr2:
            return state.cr2;
        case cr3:
            return state.cr3;
        case gtpr:
            return state.gtpr;
        default:
            return reserved(offset);
    }
}

void Usart::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    switch (offset) {
        case sr:  // TC, RXNE, LBD and CTS are cleared by a zero (27.6.1)
            if ((mask & ~value & tc_flag) != 0) state.tc = false;
            if ((mask & ~value & rxne) != 0) state.errors &= ~rxne;
            break;
        case dr:
            write_dr(value & 0x1ff);
            break;
        case brr:
            state.brr = merge(state.brr, value, mask) & 0xffff;
            break;
        case cr1:
            state.cr1 = check_reserved("USART_CR1", merge(state.cr1, value, mask), 0x3fff);
            refuse_modes();
            break;
        case cr2:
            state.cr2 = check_reserved("USART_CR2", merge(state.cr2, value, mask), 0x7f6f);
            refuse_modes();
            break;
        case cr3:
            state.cr3 = check_reserved("USART_CR3", merge(state.cr3, value, mask), 0x7ff);
            refuse_modes();
            break;
        case gtpr:
            state.gtpr = merge(state.gtpr, value, mask) & 0xffff;
            break;
        default:
            reserved(offset);
            return;
    }
    update_line();
}

void Usart::refuse_modes() {
    const char* const mode = (state.cr1 & 3) != 0         ? "a break or mute mode (CR1.SBK, RWU)"
                             : (state.cr2 & bit(14)) != 0 ? "LIN mode (CR2.LINEN)"
                             : (state.cr2 & bit(11)) != 0 ? "synchronous mode (CR2.CLKEN)"
                             : (state.cr3 & bit(1)) != 0  ? "IrDA mode (CR3.IREN)"
                             : (state.cr3 & bit(3)) != 0  ? "half-duplex mode (CR3.HDSEL)"
                             : (state.cr3 & bit(5)) != 0  ? "smartcard mode (CR3.SCEN)"
                             : (state.cr3 & 0x300) != 0   ? "flow control (CR3.RTSE, CTSE)"
                                                          : nullptr;
    if (mode != nullptr) services_.complain(fmt::format("{}: {} is not modelled", place().name, mode));
}

// --- transmitter ---

void Usart::write_dr(std::uint32_t value) {
    if ((state.cr1 & (te | ue)) != (te | ue)) return services_.warn("USART_DR: written while UE or TE is off");
    if (!state.txe) services_.warn(fmt::format("{}_DR: written while TXE is 0, a byte is lost (27.3.2)", place().name));
    state.tc = false;
    const auto data = static_cast<std::uint16_t>(value);
    if (!state.shifting) return shift(data);
    state.waiting = data;
    state.txe = false;
}

Time Usart::bit_time() const {
    return time_of(state.brr, rcc_.pclk_hz(place().gate));
}

unsigned Usart::data_bits() const {
    return (state.cr1 & nine_bits) != 0 ? 9 : 8;
}

void Usart::shift(std::uint16_t data) {
    if (state.brr < 16) return services_.warn("USART_BRR: a divider below 1.0 sends nothing");
    static constexpr std::array<std::int64_t, 4> half_stop_bits{2, 1, 4, 3};
    const std::int64_t halves = 2 + 2 * std::int64_t{data_bits()} + half_stop_bits[field(state.cr2, 12, 2)];
    state.shifting = true;
    frame_sent_.set(services_.now() + time_of(halves * state.brr, 2 * rcc_.pclk_hz(place().gate)));
    if (sent && pins_.is_output(kind_.tx)) sent(kind_.number, static_cast<std::uint8_t>(data));
}

void Usart::on_frame_sent() {
    state.shifting = false;
    if (!state.txe) {
        state.txe = true;
        shift(state.waiting);
    } else {
        state.tc = true;
    }
    update_line();
}

// --- receiver ---

void Usart::hear(std::uint32_t bits, Time sender_bit) {
    const bool listens = (state.cr1 & (ue | re)) == (ue | re) && state.brr >= 16 &&
                         rcc_.enabled(place().gate, place().gate_bit) && pins_.is_input(kind_.rx);
    if (!listens || state.receiving) return;
    idle_.cancel();
    state.line = bits;
    state.line_bit = sender_bit;
    state.receiving = true;
    // 27.3.3: a bit is sampled in its middle, the stop bit last.
    frame_received_.set(services_.now() + bit_time() * (data_bits() + 1) + bit_time() / 2);
}

void Usart::on_frame_received() {
    state.receiving = false;
    const auto sampled = [&](unsigned number) {
        const auto at = (bit_time() * number + bit_time() / 2) / state.line_bit;
        return at > 31 || (state.line >> at & 1) != 0;
    };
    std::uint16_t data = 0;
    for (unsigned number = 0; number < data_bits(); ++number)
        data = static_cast<std::uint16_t>(data | (sampled(number + 1) ? 1U << number : 0));
    idle_.set(services_.now() + bit_time() * (data_bits() + 2));
    if ((state.errors & rxne) != 0) {  // 27.6.1: what is in DR stays
        state.errors |= ore;
        return update_line();
    }
    const bool parity_right = (std::popcount(data) % 2 != 0) == ((state.cr1 & odd) != 0);
    state.errors |= rxne;
    if ((state.cr1 & pce) != 0 && !parity_right) state.errors |= pe;
    if (!sampled(data_bits() + 1)) state.errors |= fe;
    state.received = data;
    state.sr_read = false;
    update_line();
}

void Usart::on_idle() {
    state.errors |= idle_flag;
    update_line();
}

void Usart::reset() {
    state = {};
    frame_sent_.cancel();
    frame_received_.cancel();
    idle_.cancel();
    update_line();
}

void Usart::update_line() {
    const bool receive_error = (state.errors & (fe | bit(2) | ore)) != 0;
    const bool receive_interrupt = (state.cr1 & rxneie) != 0 && (state.errors & (rxne | ore)) != 0;
    line_.set((state.txe && (state.cr1 & txeie) != 0) || (state.tc && (state.cr1 & tcie) != 0) || receive_interrupt ||
              ((state.errors & idle_flag) != 0 && (state.cr1 & idleie) != 0) ||
              ((state.errors & pe) != 0 && (state.cr1 & peie) != 0) ||
              (receive_error && (state.cr3 & (eie | dmar)) == (eie | dmar)));
    tx_request_.set(state.txe && (state.cr3 & dmat) != 0 && (state.cr1 & (te | ue)) == (te | ue));
    rx_request_.set((state.errors & rxne) != 0 && (state.cr3 & dmar) != 0);
}

}  // namespace sim::chip
