// SPDX-License-Identifier: ISC
// Transfers of a program that waits for their end: the steps of a Transfer until it is over, or patience is.
#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "sim/usb/host.hpp"

namespace sim {
namespace {

std::array<std::uint8_t, 8> packet_of(const flasher::SetupPacket& setup) {
    const auto low = [](std::uint16_t value) { return static_cast<std::uint8_t>(value); };
    const auto high = [](std::uint16_t value) { return static_cast<std::uint8_t>(value >> 8); };
    return {setup.bmRequestType, setup.bRequest,     low(setup.wValue),  high(setup.wValue),
            low(setup.wIndex),   high(setup.wIndex), low(setup.wLength), high(setup.wLength)};
}

}  // namespace

TransferResult UsbHost::control_in(const flasher::SetupPacket& setup, std::span<std::uint8_t> data) {
    const auto room = data.first(std::min<std::size_t>(setup.wLength, data.size()));
    Transfer transfer({.setup = packet_of(setup), .length = room.size()}, state_.max_packet_size);
    bool unused = false;
    return run(transfer, unused, room);
}

TransferResult UsbHost::control_out(const flasher::SetupPacket& setup, std::span<const std::uint8_t> data) {
    Transfer transfer({.setup = packet_of(setup), .length = data.size(), .data = {data.begin(), data.end()}},
                      state_.max_packet_size);
    bool unused = false;
    return run(transfer, unused);
}

TransferResult UsbHost::bulk_out(Pipe& pipe, std::span<const std::uint8_t> data, bool zero_length_end) {
    Transfer transfer({.endpoint = pipe.endpoint,
                       .length = data.size(),
                       .data = {data.begin(), data.end()},
                       .zero_length_end = zero_length_end},
                      pipe.max_packet_size);
    return run(transfer, pipe.data1);
}

TransferResult UsbHost::bulk_in(Pipe& pipe, std::span<std::uint8_t> data) {
    Transfer transfer({.endpoint = pipe.endpoint, .length = data.size()}, pipe.max_packet_size);
    return run(transfer, pipe.data1, data);
}

TransferResult UsbHost::interrupt_in(Pipe& pipe, std::span<std::uint8_t> data, unsigned interval) {
    const auto room = data.first(std::min<std::size_t>(pipe.max_packet_size, data.size()));
    Transfer transfer({.endpoint = pipe.endpoint, .length = room.size(), .interval = std::max(interval, 1U)},
                      pipe.max_packet_size);
    return run(transfer, pipe.data1, room);
}

TransferResult UsbHost::run(Transfer& transfer, bool& data1, std::span<std::uint8_t> room) {
    // Software takes its time, then the controller waits for a frame.
    ++counters_.transfers;
    advance(timing_.submission);
    if (timing_.start_at_frame) next_frame();
    if (state_.port != PortState::enabled)
        return {.end = TransferEnd::gone, .length = 0, .detail = "the port is not enabled"};
    auto result = run_to_end(transfer, data1);
    std::ranges::copy(transfer.data(), room.begin());
    return result;
}

TransferResult UsbHost::run_to_end(Transfer& transfer, bool& data1) {
    const Time deadline = now() + timing_.transfer_timeout;
    const auto broken_off = [&](TransferEnd end, std::string detail) {
        return TransferResult{end, transfer.result().length, std::move(detail)};
    };
    const auto gone = [&] {
        return broken_off(TransferEnd::gone, fmt::format("the device left the bus in {}", transfer.where()));
    };
    unsigned naks = 0;
    std::uint16_t frame = state_.frame;
    for (;;) {
        if (state_.port != PortState::enabled) return gone();
        if (now() >= deadline)
            return broken_off(TransferEnd::timeout, fmt::format("NAK in {} for {:.1f} s", transfer.where(),
                                                                seconds(timing_.transfer_timeout)));
        switch (transfer.step(*this, data1)) {
            case Transfer::Step::moved:
                naks = 0;
                break;
            case Transfer::Step::waits:
                // A bulk packet is tried again at once; an interrupt packet once its interval has passed.
                for (unsigned i = 0; i < transfer.request().interval; ++i)
                    next_frame();
                if (std::exchange(frame, state_.frame) != state_.frame) naks = 0;
                if (++naks == timing_.naks_per_frame)
                    next_frame();
                else
                    state_.bus_free = std::max(state_.bus_free, now()) + timing_.retry_gap;
                break;
            case Transfer::Step::over:
                if (transfer.result().end != TransferEnd::no_response) return transfer.result();
                sense();
                return state_.port == PortState::enabled ? transfer.result() : gone();
        }
    }
}

}  // namespace sim
