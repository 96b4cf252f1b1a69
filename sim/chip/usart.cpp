// SPDX-License-Identifier: ISC
// Transmit data register, shift register, TXE and TC.
#include "sim/chip/usart.hpp"

namespace sim::chip {

namespace {
enum Offset : std::uint32_t { sr = 0x00, dr = 0x04, brr = 0x08, cr1 = 0x0c, cr2 = 0x10, cr3 = 0x14, gtpr = 0x18 };
constexpr std::uint32_t te = bit(3), tcie = bit(6), txeie = bit(7), ue = bit(13);
}  // namespace

std::uint32_t Usart::read(std::uint32_t offset) {
    switch (offset) {
        case sr:
            return (state.txe ? bit(7) : 0) | (state.tc ? bit(6) : 0);
        case dr:
            return 0;
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
        case sr:
            if ((mask & tcie) != 0 && (value & tcie) == 0) state.tc = false;
            break;
        case dr:
            if ((state.cr1 & (te | ue)) != (te | ue)) {
                return services_.warn("USART_DR: written while UE or TE is off");
            }
            state.tc = false;
            if (state.shifting) {
                state.waiting = static_cast<std::uint8_t>(value);
                state.txe = false;
            } else {
                shift(static_cast<std::uint8_t>(value));
            }
            break;
        case brr:
            state.brr = merge(state.brr, value, mask) & 0xffff;
            break;
        case cr1:
            state.cr1 = check_reserved("USART_CR1", merge(state.cr1, value, mask), 0x3fff);
            break;
        case cr2:
            state.cr2 = check_reserved("USART_CR2", merge(state.cr2, value, mask), 0x7f6f);
            break;
        case cr3:
            state.cr3 = check_reserved("USART_CR3", merge(state.cr3, value, mask), 0x7ff);
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

void Usart::shift(std::uint8_t byte) {
    if (state.brr < 16) return services_.warn("USART_BRR: a divider below 1.0 sends nothing");
    constexpr std::int64_t bits = 10;
    state.shifting = true;
    frame_sent_.set(services_.now() + time_of(bits * state.brr, rcc_.pclk_hz(place().gate)));
    if (sent) sent(byte);
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

void Usart::reset() {
    state = {};
    frame_sent_.cancel();
    update_line();
}

void Usart::update_line() {
    line_.set((state.txe && (state.cr1 & txeie) != 0) || (state.tc && (state.cr1 & tcie) != 0));
}

}  // namespace sim::chip
