// SPDX-License-Identifier: ISC
// How the USB device answers SETUP, OUT and IN (RM0008 23.4.2, 23.4.3). The token decides: by what it finds in the
// endpoint register and in the buffer description table the device accepts or refuses, and software that writes them
// later is too late for this transaction. Software learns of the transaction when its handshake has passed.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "sim/chip/usb.hpp"
#include "sim/chip/usb_registers.hpp"

namespace sim::chip {

using namespace usb_bits;

namespace {

std::uint16_t with_stat(std::uint16_t ep, unsigned at, Stat stat) {
    return static_cast<std::uint16_t>((ep & ~(3u << at)) | static_cast<unsigned>(stat) << at);
}
Stat stat_of(std::uint16_t ep, unsigned at) {
    return static_cast<Stat>((ep >> at) & 3);
}
constexpr std::uint32_t least_pclk1_hz = 8'000'000;
// Items of the buffer description table (23.5.3), counted in half-words.
constexpr unsigned tx_item = 0, rx_item = 2;

/// Where the buffer description table keeps the buffer that the device uses now. Of an endpoint with two it is the
/// first pair of items while DTOG is 0 (23.4.3, table 177).
unsigned buffer_of(std::uint16_t ep, bool to_host) {
    if (!isochronous(ep) && !double_buffered(ep)) return to_host ? tx_item : rx_item;
    return (ep & (to_host ? dtog_tx : dtog_rx)) == 0 ? tx_item : rx_item;
}
/// Device and application claim the same buffer.
bool buffer_conflict(std::uint16_t ep) {
    return ((ep & dtog_rx) != 0) == ((ep & dtog_tx) != 0);
}

}  // namespace

Usb::Latched Usb::latch_endpoint(Token token, std::uint8_t address, std::uint8_t endpoint) const {
    Latched found;
    if ((state.cntr & fsusp) != 0) return found;
    if ((state.daddr & 0x80) == 0 || (state.daddr & 0x7f) != address) return found;
    const bool to_host = token == Token::in;
    for (std::size_t index = 0; index < state.ep.size() && found.index < 0; ++index) {
        const std::uint16_t ep = state.ep[index];
        if ((ep & ea) != endpoint || stat_of(ep, to_host ? stat_tx_at : stat_rx_at) == disabled) continue;
        found.index = static_cast<int>(index);
        found.ep = ep;
    }
    if (found.index < 0) return found;
    const auto index = static_cast<std::size_t>(found.index);
    const unsigned item = buffer_of(found.ep, to_host);
    found.buffer = word(descriptor(index, item)) & 0xfffe;
    found.count = word(descriptor(index, item + 1));
    found.conflict = double_buffered(found.ep) && state.flow_controlled[index] && buffer_conflict(found.ep);
    return found;
}

Usb::Latched Usb::take_latched() {
    if (!state.transaction_open) throw std::logic_error("data on the USB wire without a token before it");
    ++state.transactions;
    if (!hears()) return {};
    activity();
    if (rcc_.pclk1_hz() < least_pclk1_hz) {  // 23.4.2: the packet memory cannot follow
        raise(pmaovr);
        return {};
    }
    return state.latched;
}

void Usb::begin_transaction(Token token, std::uint8_t address, std::uint8_t endpoint) {
    state.transaction_open = true;
    state.completion = Completion::nothing;
    state.latched = hears() ? latch_endpoint(token, address, endpoint) : Latched{};
}

void Usb::end_transaction() {
    if (!std::exchange(state.transaction_open, false)) return;
    const Completion completion = std::exchange(state.completion, Completion::nothing);
    if (completion != Completion::nothing) complete(completion, static_cast<std::size_t>(state.latched.index));
}

std::uint16_t Usb::word(std::uint32_t at) const {
    return static_cast<std::uint16_t>(state.memory[at % packet_memory_bytes] |
                                      state.memory[(at + 1) % packet_memory_bytes] << 8);
}

void Usb::put_word(std::uint32_t at, std::uint16_t value) {
    state.memory[at % packet_memory_bytes] = static_cast<std::uint8_t>(value);
    state.memory[(at + 1) % packet_memory_bytes] = static_cast<std::uint8_t>(value >> 8);
}

std::uint32_t Usb::descriptor(std::size_t index, unsigned item) const {
    // 23.5.3: ADDR_TX, COUNT_TX, ADDR_RX, COUNT_RX, two bytes each, as the device itself counts them.
    return static_cast<std::uint32_t>(state.btable + 8 * index + 2 * item);
}

bool Usb::receive(const Latched& latched, std::span<const std::uint8_t> bytes) {
    const std::uint32_t blocks = field(latched.count, 10, 5);
    std::uint32_t room = (latched.count & 0x8000) != 0 ? 32 * (blocks + 1) : 2 * blocks;
    if (room == 0) {
        // Table 178 does not allow it; silicon does not stop counting then, and bootloaders depend on that.
        services_.warn(fmt::format("USB: COUNT{}_RX allocates no buffer", latched.index));
        room = packet_memory_bytes;
    }
    const auto length = static_cast<std::uint32_t>(std::min<std::size_t>(room, bytes.size()));
    if (latched.buffer + length > packet_memory_bytes) {
        services_.complain(
            fmt::format("USB: ADDR{}_RX 0x{:x} reaches beyond the packet memory", latched.index, latched.buffer));
        return false;
    }
    std::copy_n(bytes.begin(), length, state.memory.begin() + latched.buffer);
    const unsigned item = buffer_of(latched.ep, false);
    put_word(descriptor(static_cast<std::size_t>(latched.index), item + 1),
             static_cast<std::uint16_t>((latched.count & 0xfc00) | length));
    return bytes.size() <= room;
}

std::optional<std::vector<std::uint8_t>> Usb::packet(const Latched& latched) {
    const std::uint32_t length = latched.count & 0x3ff;
    if (latched.buffer + length > packet_memory_bytes) {
        services_.complain(
            fmt::format("USB: endpoint register {} sends {} bytes from 0x{:x}", latched.index, length, latched.buffer));
        return std::nullopt;
    }
    const auto from = state.memory.begin() + latched.buffer;
    return std::vector<std::uint8_t>(from, from + length);
}

/// 23.4.2 to 23.4.4: the toggle moves, the endpoint turns to NAK unless it has a second buffer to
/// go on with, and software is told.
void Usb::complete(Completion completion, std::size_t index) {
    std::uint16_t& ep = state.ep[index];
    if (completion == Completion::setup) {
        ep = with_stat(with_stat(ep, stat_rx_at, nak), stat_tx_at, nak);
        // 23.5.2: DTOG_TX becomes 1, DTOG_RX 0 and then, the packet accepted, 1.
        ep |= dtog_tx | dtog_rx | setup_flag | ctr_rx;
        return update_line();
    }
    const bool rx = completion == Completion::rx;
    if (rx) ep = static_cast<std::uint16_t>(ep & ~setup_flag);
    ep ^= rx ? dtog_rx : dtog_tx;
    const bool goes_on = isochronous(ep) || (double_buffered(ep) && state.flow_controlled[index]);
    if (!goes_on) ep = with_stat(ep, rx ? stat_rx_at : stat_tx_at, nak);
    if (double_buffered(ep)) state.flow_controlled[index] = true;
    ep |= rx ? ctr_rx : ctr_tx;
    update_line();
}

Handshake Usb::setup(std::uint8_t, std::uint8_t, std::span<const std::uint8_t> bytes, bool data1) {
    const Latched found = take_latched();
    if (found.index < 0 || (found.ep & ep_type) != type_control) return Handshake::none;
    // 23.4.2: while CTR_RX still waits to be served, a SETUP is discarded as if it had been damaged. One that is not
    // eight bytes of DATA0 is not a SETUP packet at all (USB 2.0 8.5.3).
    if ((found.ep & ctr_rx) != 0 || data1 || bytes.size() != 8) return Handshake::none;
    if (!receive(found, bytes)) return Handshake::none;
    state.completion = Completion::setup;
    return Handshake::ack;
}

Handshake Usb::out(std::uint8_t, std::uint8_t, bool data1, std::span<const std::uint8_t> bytes) {
    const Latched found = take_latched();
    if (found.index < 0) return Handshake::none;
    const auto refuse = [&] {
        std::uint16_t& ep = state.ep[static_cast<std::size_t>(found.index)];
        ep = with_stat(ep, stat_rx_at, stall);
        return Handshake::stall;
    };
    if (stat_of(found.ep, stat_rx_at) == stall) return Handshake::stall;
    if (stat_of(found.ep, stat_rx_at) == nak) return Handshake::nak;
    if (isochronous(found.ep)) {
        if (receive(found, bytes)) state.completion = Completion::rx;
        return Handshake::none;
    }
    if (found.conflict) return Handshake::nak;
    const bool status_out = (found.ep & ep_type) == type_control && (found.ep & ep_kind) != 0;
    if (status_out && !bytes.empty()) return refuse();                // only an empty packet is right
    if (data1 != ((found.ep & dtog_rx) != 0)) return Handshake::ack;  // a repetition: acknowledged and dropped
    if (!receive(found, bytes)) return refuse();                      // 23.4.2: buffer overrun
    state.completion = Completion::rx;
    return Handshake::ack;
}

InAnswer Usb::in(std::uint8_t, std::uint8_t, bool host_acknowledges) {
    const Latched found = take_latched();
    if (found.index < 0) return {};
    if (stat_of(found.ep, stat_tx_at) == stall) return {Handshake::stall, false, {}};
    if (stat_of(found.ep, stat_tx_at) == nak || found.conflict) return {Handshake::nak, false, {}};
    auto bytes = packet(found);
    if (!bytes) return {};
    const bool data1 = !isochronous(found.ep) && (found.ep & dtog_tx) != 0;  // USB 2.0 5.6.4: DATA0 only
    if (host_acknowledges || isochronous(found.ep))
        state.completion = Completion::tx;
    else
        raise(err);  // 23.5.1: no answer
    return {Handshake::ack, data1, std::move(*bytes)};
}

}  // namespace sim::chip
