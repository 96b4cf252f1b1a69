// SPDX-License-Identifier: ISC
// How the USB device answers SETUP, OUT and IN (RM0008 23.4.2, 23.4.3).
#include <algorithm>

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
constexpr unsigned longest_packet = 64;

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
    // 23.5.3: ADDR_TX, COUNT_TX, ADDR_RX, COUNT_RX, two bytes each, as the device itself counts
    // them.
    return static_cast<std::uint32_t>(state.btable + 8 * index + 2 * item);
}

bool Usb::receive(std::size_t index, std::span<const std::uint8_t> bytes) {
    const std::uint16_t count = word(descriptor(index, 3));
    const std::uint32_t blocks = field(count, 10, 5);
    const std::uint32_t room = (count & 0x8000) != 0 ? 32 * (blocks + 1) : 2 * blocks;
    const std::uint32_t to = word(descriptor(index, 2)) & ~1u;
    const auto length = static_cast<std::uint32_t>(std::min<std::size_t>(room, bytes.size()));
    if (to + length > packet_memory_bytes) {
        services_.complain(
            fmt::format("USB: ADDR{}_RX 0x{:x} reaches beyond the packet memory", index, to));
        return false;
    }
    std::copy_n(bytes.begin(), length, state.memory.begin() + to);
    put_word(descriptor(index, 3), static_cast<std::uint16_t>((count & 0xfc00) | length));
    return bytes.size() <= room;
}

void Usb::complete(std::size_t index, std::uint16_t flag) {
    state.ep[index] |= flag;
    update_line();
}

Handshake Usb::setup(std::uint8_t address, std::uint8_t endpoint,
                     std::span<const std::uint8_t> bytes, bool data1) {
    ++state.transactions;
    if (hears()) activity();
    const int found = find(address, endpoint, Direction::rx);
    if (found < 0) return Handshake::none;
    const auto index = static_cast<std::size_t>(found);
    std::uint16_t& ep = state.ep[index];
    if ((ep & ep_type) != type_control) return Handshake::none;
    // 23.4.2: while CTR_RX still waits to be served, a SETUP is discarded as if it had been
    // damaged. One that is not eight bytes of DATA0 is no SETUP packet at all (USB 2.0 8.5.3).
    if ((ep & ctr_rx) != 0 || data1 || bytes.size() != 8) return Handshake::none;
    if (!receive(index, bytes)) return Handshake::none;
    ep = with_stat(with_stat(ep, stat_rx_at, nak), stat_tx_at, nak);
    // 23.5.2: DTOG_TX becomes 1, DTOG_RX 0 and then, the packet accepted, 1.
    ep |= dtog_tx | dtog_rx | setup_flag;
    complete(index, ctr_rx);
    return Handshake::ack;
}

Handshake Usb::out(std::uint8_t address, std::uint8_t endpoint, bool data1,
                   std::span<const std::uint8_t> bytes) {
    ++state.transactions;
    if (hears()) activity();
    const int found = find(address, endpoint, Direction::rx);
    if (found < 0) return Handshake::none;
    const auto index = static_cast<std::size_t>(found);
    std::uint16_t& ep = state.ep[index];
    if (stat_of(ep, stat_rx_at) == stall) return Handshake::stall;
    if (stat_of(ep, stat_rx_at) == nak) return Handshake::nak;
    const bool control = (ep & ep_type) == type_control;
    if (control && (ep & ep_kind) != 0 &&
        !bytes.empty()) {  // STATUS_OUT: only an empty packet is right
        ep = with_stat(ep, stat_rx_at, stall);
        return Handshake::stall;
    }
    if (data1 != ((ep & dtog_rx) != 0))
        return Handshake::ack;  // a repetition: acknowledged and dropped
    if (!receive(index, bytes)) {
        ep = with_stat(ep, stat_rx_at, stall);  // 23.4.2: buffer overrun
        return Handshake::stall;
    }
    ep = with_stat(static_cast<std::uint16_t>((ep ^ dtog_rx) & ~setup_flag), stat_rx_at, nak);
    complete(index, ctr_rx);
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
    const std::uint32_t length = word(descriptor(index, 1)) & 0x3ff;
    const std::uint32_t from = word(descriptor(index, 0)) & ~1u;
    if (length > longest_packet || from + length > packet_memory_bytes) {
        services_.complain(fmt::format("USB: endpoint register {} sends {} bytes from 0x{:x}",
                                       index, length, from));
        return {};
    }
    InAnswer answer{Handshake::ack, (ep & dtog_tx) != 0, {}};
    answer.bytes.assign(state.memory.begin() + from, state.memory.begin() + from + length);
    if (!host_acknowledges) return answer;
    ep = with_stat(static_cast<std::uint16_t>(ep ^ dtog_tx), stat_tx_at, nak);
    complete(index, ctr_tx);
    return answer;
}

}  // namespace sim::chip
