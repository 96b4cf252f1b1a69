// SPDX-License-Identifier: ISC
// Frames, the root port and single transactions. Transfers made of them are in transfer.cpp and
// host_transfers.cpp.
#include "sim/usb/host.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace sim {

UsbHost::UsbHost(UsbPort& port, BusClock& clock, HostTiming timing) : port_(port), clock_(clock), timing_(timing) {
    state_.frame_start = state_.bus_free = clock.now();
    state_.disconnections = port.disconnections();
}

Time UsbHost::now() const {
    return clock_.now();
}

// --- frames --------------------------------------------------------------------------------------

void UsbHost::advance_to(Time when) {
    while (now() < when)
        run_to(std::min({when, next_sof(), now() + timing_.sense}));
}

// The device's world may overshoot (a core that flash keeps waiting): every SOF that was due is then sent late.
void UsbHost::run_to(Time when) {
    if (when > now()) clock_.run_until(when);
    while (now() >= next_sof())
        pass_frame();
    sense();
}

void UsbHost::pass_frame() {
    state_.frame_start += millisecond;
    state_.frame = static_cast<std::uint16_t>((state_.frame + 1) % 2048);
    state_.bus_free = std::max(state_.bus_free, state_.frame_start + bit_times(token_bits + host_gap_bits));
    ++counters_.frames;
    if (state_.port == PortState::enabled && !state_.in_reset) port_.sof(state_.frame);
}

// A SOF counts from its end: then the device knows of it.
Time UsbHost::next_sof() const {
    return state_.frame_start + millisecond + bit_times(token_bits);
}

void UsbHost::next_frame() {
    advance_to(next_sof());
    run_to(now());
}

// Waits until the bus is free and the frame has room for a transaction of this many bits.
void UsbHost::reserve(std::int64_t bits) {
    const Time length = bit_times(bits + end_of_frame_bits);
    if (length > millisecond - bit_times(token_bits + host_gap_bits))
        throw std::invalid_argument(fmt::format("a transaction of {} bits fits no frame", bits));
    for (;;) {
        const Time start = std::max(now(), state_.bus_free);
        if (start + length <= state_.frame_start + millisecond) {
            run_to(start);
            return;
        }
        next_frame();
    }
}

// --- the port ------------------------------------------------------------------------------------

void UsbHost::sense() {
    const bool attached = port_.attached();
    const std::uint64_t disconnections = port_.disconnections();
    const bool was_away = std::exchange(state_.disconnections, disconnections) != disconnections;
    if (!attached || was_away) state_.port = PortState::disconnected;
    if (!attached) return;
    if (state_.port == PortState::disconnected) {
        state_.port = PortState::disabled;
        state_.attached_since = now();
    }
    if (state_.port == PortState::suspended && port_.drives_resume()) state_.wakeup_seen = true;
}

bool UsbHost::wait_for_attach(Time limit) {
    const Time end = now() + limit;
    sense();
    for (;;) {
        const bool attached = state_.port != PortState::disconnected;
        if (attached && now() - state_.attached_since >= timing_.debounce) return true;
        if (now() >= end) return false;
        advance_to(std::min(end, now() + timing_.sense));
    }
}

bool UsbHost::wait_for_detach(Time limit) {
    const Time end = now() + limit;
    sense();
    while (state_.port == PortState::enabled && now() < end)
        advance_to(std::min(end, now() + timing_.sense));
    return state_.port != PortState::enabled;
}

bool UsbHost::reset_port(Time duration) {
    run_to(state_.bus_free);
    if (state_.port == PortState::disconnected) return false;
    state_.in_reset = true;
    port_.begin_reset();
    advance(duration);
    port_.end_reset();
    state_.in_reset = false;
    state_.address = 0;
    state_.max_packet_size = 64;
    if (state_.port == PortState::disconnected) return false;
    state_.port = PortState::enabled;
    advance(timing_.recovery);
    return state_.port == PortState::enabled;
}

void UsbHost::suspend() {
    run_to(state_.bus_free);
    if (state_.port != PortState::enabled) return;
    state_.port = PortState::suspended;
    state_.wakeup_seen = false;
}

void UsbHost::resume() {
    if (state_.port != PortState::suspended) return;
    port_.begin_resume();
    advance(timing_.resume);
    port_.end_resume();
    if (state_.port != PortState::suspended) return;
    state_.port = PortState::enabled;
    advance(timing_.recovery);
}

void UsbHost::talk_to(std::uint8_t address, std::uint8_t max_packet_size) {
    state_.address = address;
    state_.max_packet_size = max_packet_size;
}

// --- transactions --------------------------------------------------------------------------------

// The wire is run to the token's end, to the end of the data packet, and to that of the handshake.
Handshake UsbHost::raw_setup(std::uint8_t address, std::uint8_t endpoint, std::span<const std::uint8_t> bytes,
                             bool data1) {
    return packet_to_device(Token::setup, address, endpoint, bytes,
                            [&] { return port_.setup(address, endpoint, bytes, data1); });
}

Handshake UsbHost::raw_out(std::uint8_t address, std::uint8_t endpoint, bool data1,
                           std::span<const std::uint8_t> bytes) {
    const auto answer = packet_to_device(Token::out, address, endpoint, bytes,
                                         [&] { return port_.out(address, endpoint, data1, bytes); });
    if (answer == Handshake::nak) ++counters_.naks;
    return answer;
}

Handshake UsbHost::packet_to_device(Token token, std::uint8_t address, std::uint8_t endpoint,
                                    std::span<const std::uint8_t> bytes, const std::function<Handshake()>& data) {
    const auto bits = bits_to_device(bytes);
    reserve(bits + device_gap_bits + handshake_bits);
    const Time begin = now();
    run_to(begin + bit_times(token_bits));
    port_.begin_transaction(token, address, endpoint);
    run_to(begin + bit_times(bits));
    ++counters_.transactions;
    const auto answer = data();
    end_transaction(answer == Handshake::none ? 0 : device_gap_bits + handshake_bits,
                    answer == Handshake::none ? lost_bits : host_gap_bits);
    return answer;
}

InAnswer UsbHost::raw_in(std::uint8_t address, std::uint8_t endpoint, bool acknowledge) {
    // How much the device will send shows only when it does; a controller reserves the largest packet.
    reserve(token_bits + device_gap_bits + data_overhead_bits + 8 * 64 + host_gap_bits + handshake_bits);
    run_to(now() + bit_times(token_bits));
    ++counters_.transactions;
    port_.begin_transaction(Token::in, address, endpoint);
    auto answer = port_.in(address, endpoint, acknowledge);
    std::int64_t bits = lost_bits;
    if (answer.handshake == Handshake::ack)
        bits = device_gap_bits + data_packet_bits(answer.bytes) + host_gap_bits + handshake_bits;
    else if (answer.handshake != Handshake::none)
        bits = device_gap_bits + handshake_bits;
    if (answer.handshake == Handshake::nak) ++counters_.naks;
    end_transaction(bits, host_gap_bits);
    return answer;
}

void UsbHost::end_transaction(std::int64_t bits, std::int64_t gap_bits) {
    const Time end = now() + bit_times(bits);
    state_.bus_free = end + bit_times(gap_bits);
    run_to(end);
    port_.end_transaction();
}

}  // namespace sim
