// SPDX-License-Identifier: ISC
// Bulk and interrupt transfers of a host (USB 2.0 sections 5.7, 5.8, 8.6).
#include <algorithm>

#include <fmt/format.h>

#include "sim/usb/host.hpp"

namespace sim {
namespace {

constexpr std::uint8_t number_mask = 0x0f;
const TransferResult not_enabled{.end = TransferEnd::gone, .length = 0, .detail = "the port is not enabled"};

}  // namespace

// A bulk packet is tried again at once; an interrupt packet once its interval has passed.
TransferResult UsbHost::packet_in(Pipe& pipe, std::span<std::uint8_t> data, Time deadline, unsigned interval) {
    const auto number = static_cast<std::uint8_t>(pipe.endpoint & number_mask);
    for (;;) {
        InAnswer answer;
        const Stage end = until_answered(deadline, [&] {
            answer = raw_in(state_.address, number);
            for (unsigned frame = 0; frame < interval && answer.handshake == Handshake::nak; ++frame)
                next_frame();
            return answer.handshake;
        });
        if (end != Stage::acked) return ended(end, "an IN transfer");
        // The other toggle is a packet that came before, its acknowledgement lost (8.6.4).
        if (answer.data1 != pipe.data1) continue;
        pipe.data1 = !pipe.data1;
        if (answer.bytes.size() > std::min<std::size_t>(pipe.max_packet_size, data.size()))
            return {.end = TransferEnd::violation,
                    .length = 0,
                    .detail = fmt::format("the device sent {} bytes where {} were left and a packet holds {}",
                                          answer.bytes.size(), data.size(), pipe.max_packet_size)};
        std::ranges::copy(answer.bytes, data.begin());
        return {.end = TransferEnd::ok, .length = answer.bytes.size(), .detail = {}};
    }
}

TransferResult UsbHost::packet_out(Pipe& pipe, std::span<const std::uint8_t> data, Time deadline, unsigned interval) {
    const auto number = static_cast<std::uint8_t>(pipe.endpoint & number_mask);
    const Stage end = until_answered(deadline, [&] {
        const Handshake answer = raw_out(state_.address, number, pipe.data1, data);
        for (unsigned frame = 0; frame < interval && answer == Handshake::nak; ++frame)
            next_frame();
        return answer;
    });
    if (end != Stage::acked) return ended(end, "an OUT transfer");
    pipe.data1 = !pipe.data1;
    return {.end = TransferEnd::ok, .length = data.size(), .detail = {}};
}

TransferResult UsbHost::bulk_out(Pipe& pipe, std::span<const std::uint8_t> data, bool zero_length_end) {
    if (!submit()) return not_enabled;
    const Time deadline = now() + timing_.transfer_timeout;
    std::size_t offset = 0;
    do {
        const auto packet = data.subspan(offset, std::min<std::size_t>(pipe.max_packet_size, data.size() - offset));
        TransferResult result = packet_out(pipe, packet, deadline, 0);
        if (!result.ok()) {
            result.length = offset;
            return result;
        }
        offset += packet.size();
    } while (offset < data.size());
    const bool full = !data.empty() && data.size() % pipe.max_packet_size == 0;
    if (zero_length_end && full) {
        TransferResult result = packet_out(pipe, {}, deadline, 0);
        result.length = offset;
        return result;
    }
    return {.end = TransferEnd::ok, .length = offset, .detail = {}};
}

TransferResult UsbHost::bulk_in(Pipe& pipe, std::span<std::uint8_t> data) {
    if (!submit()) return not_enabled;
    const Time deadline = now() + timing_.transfer_timeout;
    std::size_t offset = 0;
    for (;;) {
        TransferResult result = packet_in(pipe, data.subspan(offset), deadline, 0);
        offset += result.length;
        const bool last = result.length < pipe.max_packet_size || offset == data.size();
        result.length = offset;
        if (!result.ok() || last) return result;
    }
}

TransferResult UsbHost::interrupt_in(Pipe& pipe, std::span<std::uint8_t> data, unsigned interval) {
    if (!submit()) return not_enabled;
    return packet_in(pipe, data, now() + timing_.transfer_timeout, std::max(interval, 1U));
}

TransferResult UsbHost::interrupt_out(Pipe& pipe, std::span<const std::uint8_t> data, unsigned interval) {
    if (!submit()) return not_enabled;
    if (data.size() > pipe.max_packet_size)
        return {.end = TransferEnd::violation, .length = 0, .detail = "an interrupt transfer is one packet"};
    return packet_out(pipe, data, now() + timing_.transfer_timeout, std::max(interval, 1U));
}

}  // namespace sim
