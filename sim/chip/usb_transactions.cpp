// SPDX-License-Identifier: ISC
// How the USB device answers SETUP, OUT and IN (RM0008 23.4.2, 23.4.3).
#include <algorithm>
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
// Items of the buffer description table (23.5.3), counted in half-words.
constexpr unsigned tx_item = 0, rx_item = 2;

/// Where an endpoint with two buffers keeps the one that the USB device uses now (23.4.3, table
/// 177): the first pair of items while DTOG is 0.
unsigned buffer_item(std::uint16_t ep, std::uint16_t dtog) {
    return (ep & dtog) == 0 ? tx_item : rx_item;
}
/// Device and application claim the same buffer.
bool buffer_conflict(std::uint16_t ep) {
    return ((ep & dtog_rx) != 0) == ((ep & dtog_tx) != 0);
}

}  // namespace

int Usb::find(std::uint8_t address, std::uint8_t endpoint, Direction direction) {
    if (!hears() || (state.cntr & fsusp) != 0) return -1;
    if ((state.daddr & 0x80) == 0 || (state.daddr & 0x7f) != address) return -1;
    const unsigned at = direction == Direction::rx ? stat_rx_at : stat_tx_at;
    for (std::size_t index = 0; index < state.ep.size(); ++index) {
        const std::uint16_t ep = state.ep[index];
        if ((ep & ea) == endpoint && stat_of(ep, at) != disabled) return static_cast<int>(index);
    }
    return -1;
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

bool Usb::receive(std::size_t index, unsigned item, std::span<const std::uint8_t> bytes) {
    const std::uint16_t count = word(descriptor(index, item + 1));
    const std::uint32_t blocks = field(count, 10, 5);
    std::uint32_t room = (count & 0x8000) != 0 ? 32 * (blocks + 1) : 2 * blocks;
    if (room == 0) {
        // Table 178 does not allow it; silicon does not stop counting then, and bootloaders live by that.
        services_.warn(fmt::format("USB: COUNT{}_RX allots no buffer", index));
        room = packet_memory_bytes;
    }
    const std::uint32_t to = word(descriptor(index, item)) & ~1u;
    const auto length = static_cast<std::uint32_t>(std::min<std::size_t>(room, bytes.size()));
    if (to + length > packet_memory_bytes) {
        services_.complain(fmt::format("USB: ADDR{}_RX 0x{:x} reaches beyond the packet memory", index, to));
        return false;
    }
    std::copy_n(bytes.begin(), length, state.memory.begin() + to);
    put_word(descriptor(index, item + 1), static_cast<std::uint16_t>((count & 0xfc00) | length));
    return bytes.size() <= room;
}

std::optional<std::vector<std::uint8_t>> Usb::packet(std::size_t index, unsigned item) {
    const std::uint32_t length = word(descriptor(index, item + 1)) & 0x3ff;
    const std::uint32_t from = word(descriptor(index, item)) & ~1u;
    if (from + length > packet_memory_bytes) {
        services_.complain(fmt::format("USB: endpoint register {} sends {} bytes from 0x{:x}", index, length, from));
        return std::nullopt;
    }
    return std::vector<std::uint8_t>(state.memory.begin() + from, state.memory.begin() + from + length);
}

/// 23.4.2 to 23.4.4: the toggle moves, the endpoint turns to NAK unless it has a second buffer to
/// go on with, and software is told.
void Usb::end_transaction(std::size_t index, Direction direction) {
    std::uint16_t& ep = state.ep[index];
    const bool rx = direction == Direction::rx;
    ep ^= rx ? dtog_rx : dtog_tx;
    const bool goes_on = isochronous(ep) || (double_buffered(ep) && state.flow_controlled[index]);
    if (!goes_on) ep = with_stat(ep, rx ? stat_rx_at : stat_tx_at, nak);
    if (double_buffered(ep)) state.flow_controlled[index] = true;
    ep |= rx ? ctr_rx : ctr_tx;
    update_line();
}

Handshake Usb::setup(std::uint8_t address, std::uint8_t endpoint, std::span<const std::uint8_t> bytes, bool data1) {
    ++state.transactions;
    if (hears()) activity();
    const int found = find(address, endpoint, Direction::rx);
    if (found < 0) return Handshake::none;
    const auto index = static_cast<std::size_t>(found);
    std::uint16_t& ep = state.ep[index];
    if ((ep & ep_type) != type_control) return Handshake::none;
    // 23.4.2: while CTR_RX still waits to be served, a SETUP is discarded as if it had been damaged. One that is not
    // eight bytes of DATA0 is not a SETUP packet at all (USB 2.0 8.5.3).
    if ((ep & ctr_rx) != 0 || data1 || bytes.size() != 8) return Handshake::none;
    if (!receive(index, rx_item, bytes)) return Handshake::none;
    ep = with_stat(with_stat(ep, stat_rx_at, nak), stat_tx_at, nak);
    // 23.5.2: DTOG_TX becomes 1, DTOG_RX 0 and then, the packet accepted, 1.
    ep |= dtog_tx | dtog_rx | setup_flag | ctr_rx;
    update_line();
    return Handshake::ack;
}

Handshake Usb::out(std::uint8_t address, std::uint8_t endpoint, bool data1, std::span<const std::uint8_t> bytes) {
    ++state.transactions;
    if (hears()) activity();
    const int found = find(address, endpoint, Direction::rx);
    if (found < 0) return Handshake::none;
    const auto index = static_cast<std::size_t>(found);
    std::uint16_t& ep = state.ep[index];
    if (stat_of(ep, stat_rx_at) == stall) return Handshake::stall;
    if (stat_of(ep, stat_rx_at) == nak) return Handshake::nak;
    if (isochronous(ep)) {
        if (receive(index, buffer_item(ep, dtog_rx), bytes)) end_transaction(index, Direction::rx);
        return Handshake::none;
    }
    if (double_buffered(ep) && state.flow_controlled[index] && buffer_conflict(ep)) return Handshake::nak;
    const bool control = (ep & ep_type) == type_control;
    if (control && (ep & ep_kind) != 0 && !bytes.empty()) {  // STATUS_OUT: only an empty packet is right
        ep = with_stat(ep, stat_rx_at, stall);
        return Handshake::stall;
    }
    if (data1 != ((ep & dtog_rx) != 0)) return Handshake::ack;  // a repetition: acknowledged and dropped
    if (!receive(index, double_buffered(ep) ? buffer_item(ep, dtog_rx) : rx_item, bytes)) {
        ep = with_stat(ep, stat_rx_at, stall);  // 23.4.2: buffer overrun
        return Handshake::stall;
    }
    ep = static_cast<std::uint16_t>(ep & ~setup_flag);
    end_transaction(index, Direction::rx);
    return Handshake::ack;
}

InAnswer Usb::in(std::uint8_t address, std::uint8_t endpoint, bool host_acknowledges) {
    ++state.transactions;
    if (hears()) activity();
    const int found = find(address, endpoint, Direction::tx);
    if (found < 0) return {};
    const auto index = static_cast<std::size_t>(found);
    std::uint16_t& ep = state.ep[index];
    if (stat_of(ep, stat_tx_at) == stall) return {Handshake::stall, false, {}};
    if (stat_of(ep, stat_tx_at) == nak) return {Handshake::nak, false, {}};
    const bool two_buffers = isochronous(ep) || double_buffered(ep);
    if (double_buffered(ep) && state.flow_controlled[index] && buffer_conflict(ep)) return {Handshake::nak, false, {}};
    auto bytes = packet(index, two_buffers ? buffer_item(ep, dtog_tx) : tx_item);
    if (!bytes) return {};
    const bool data1 = !isochronous(ep) && (ep & dtog_tx) != 0;  // USB 2.0 5.6.4: DATA0 only
    if (host_acknowledges || isochronous(ep))
        end_transaction(index, Direction::tx);
    else
        raise(err);  // 23.5.1: no answer
    return {Handshake::ack, data1, std::move(*bytes)};
}

}  // namespace sim::chip
