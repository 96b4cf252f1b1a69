// SPDX-License-Identifier: ISC
// Control transfers of a host: SETUP, data and status stage with toggles (USB 2.0 section 8.5.3).
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

ControlResult violation(std::string detail) {
    return {.end = TransferEnd::violation, .length = 0, .detail = std::move(detail)};
}

}  // namespace

ControlResult UsbHost::control_in(const flasher::SetupPacket& setup, std::span<std::uint8_t> data) {
    if (!submit()) return {.end = TransferEnd::gone, .length = 0, .detail = "the port is not enabled"};
    const Time deadline = now() + timing_.transfer_timeout;
    if (const auto end = setup_stage(setup, deadline); end != Stage::acked) return ended(end, "the SETUP stage");
    if (setup.wLength == 0) return status_in(deadline);

    auto result = in_stage(data.first(std::min<std::size_t>(setup.wLength, data.size())), deadline);
    if (!result.ok()) return result;
    auto status = status_out(deadline);
    status.length = result.length;
    return status;
}

ControlResult UsbHost::control_out(const flasher::SetupPacket& setup, std::span<const std::uint8_t> data) {
    if (!submit()) return {.end = TransferEnd::gone, .length = 0, .detail = "the port is not enabled"};
    const Time deadline = now() + timing_.transfer_timeout;
    if (const auto end = setup_stage(setup, deadline); end != Stage::acked) return ended(end, "the SETUP stage");
    auto result = out_stage(data, deadline);
    if (!result.ok()) return result;
    auto status = status_in(deadline);
    status.length = result.length;
    return status;
}

// Software takes its time, then the controller waits for a frame.
bool UsbHost::submit() {
    ++counters_.transfers;
    advance(timing_.submission);
    if (timing_.start_at_frame) next_frame();
    return state_.port == PortState::enabled;
}

UsbHost::Stage UsbHost::until_answered(Time deadline, const std::function<Handshake()>& once) {
    unsigned strikes = 0;
    unsigned naks = 0;
    std::uint16_t frame = state_.frame;
    for (;;) {
        if (state_.port != PortState::enabled) return Stage::gone;
        if (now() >= deadline) return Stage::timed_out;
        switch (once()) {
            case Handshake::ack:
                return Stage::acked;
            case Handshake::stall:
                return Stage::stalled;
            case Handshake::none:
                if (++strikes < timing_.strikes) break;
                sense();
                return state_.port == PortState::enabled ? Stage::silent : Stage::gone;
            case Handshake::nak:
                strikes = 0;
                if (std::exchange(frame, state_.frame) != state_.frame) naks = 0;
                if (++naks == timing_.naks_per_frame) next_frame();
                break;
        }
    }
}

UsbHost::Stage UsbHost::setup_stage(const flasher::SetupPacket& setup, Time deadline) {
    const auto packet = packet_of(setup);
    return until_answered(deadline, [&] {
        const auto answer = raw_setup(state_.address, 0, packet);
        // A device may only acknowledge a SETUP or keep silent (USB 2.0 section 8.4.6.4).
        return answer == Handshake::ack ? answer : Handshake::none;
    });
}

ControlResult UsbHost::in_stage(std::span<std::uint8_t> data, Time deadline) {
    bool expect_data1 = true;
    std::size_t length = 0;
    for (;;) {
        InAnswer answer;
        const auto end = until_answered(deadline, [&] {
            answer = raw_in(state_.address, 0);
            return answer.handshake;
        });
        if (end != Stage::acked) return ended(end, "the data stage", length);
        if (answer.data1 != expect_data1)
            return violation(fmt::format("byte {} of the data stage came as DATA{:d} instead of DATA{:d}", length,
                                         answer.data1, expect_data1));
        if (answer.bytes.size() > state_.max_packet_size || answer.bytes.size() > data.size() - length)
            return violation(fmt::format("the device sent {} bytes where {} were left and a packet holds {}",
                                         answer.bytes.size(), data.size() - length, state_.max_packet_size));
        std::ranges::copy(answer.bytes, data.begin() + static_cast<std::ptrdiff_t>(length));
        length += answer.bytes.size();
        expect_data1 = !expect_data1;
        if (length == data.size() || answer.bytes.size() < state_.max_packet_size)
            return {.end = TransferEnd::ok, .length = length, .detail = {}};
    }
}

ControlResult UsbHost::out_stage(std::span<const std::uint8_t> data, Time deadline) {
    bool data1 = true;
    for (std::size_t offset = 0; offset < data.size(); data1 = !data1) {
        const auto packet = data.subspan(offset, std::min<std::size_t>(state_.max_packet_size, data.size() - offset));
        const auto end = until_answered(deadline, [&] { return raw_out(state_.address, 0, data1, packet); });
        if (end != Stage::acked) return ended(end, "the data stage", offset);
        offset += packet.size();
    }
    return {.end = TransferEnd::ok, .length = data.size(), .detail = {}};
}

ControlResult UsbHost::status_in(Time deadline) {
    InAnswer answer;
    const auto end = until_answered(deadline, [&] {
        answer = raw_in(state_.address, 0);
        return answer.handshake;
    });
    if (end != Stage::acked) return ended(end, "the status stage");
    if (!answer.data1) return violation("the status stage came as DATA0");
    if (!answer.bytes.empty()) return violation(fmt::format("the status stage carried {} bytes", answer.bytes.size()));
    return {};
}

ControlResult UsbHost::status_out(Time deadline) {
    const auto end = until_answered(deadline, [&] { return raw_out(state_.address, 0, true, {}); });
    return end == Stage::acked ? ControlResult{} : ended(end, "the status stage");
}

ControlResult UsbHost::ended(Stage stage, const char* where, std::size_t length) {
    switch (stage) {
        case Stage::stalled:
            return {.end = TransferEnd::stall, .length = length, .detail = fmt::format("STALL in {}", where)};
        case Stage::timed_out:
            return {.end = TransferEnd::timeout,
                    .length = length,
                    .detail = fmt::format("NAK in {} for {:.1f} s", where, seconds(timing_.transfer_timeout))};
        case Stage::gone:
            return {.end = TransferEnd::gone,
                    .length = length,
                    .detail = fmt::format("the device left the bus in {}", where)};
        case Stage::silent:
            return {.end = TransferEnd::no_response,
                    .length = length,
                    .detail = fmt::format("no answer in {}, {} times in a row", where, timing_.strikes)};
        case Stage::acked:
            break;
    }
    return {.end = TransferEnd::ok, .length = length, .detail = {}};
}

}  // namespace sim
