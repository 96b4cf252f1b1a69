// SPDX-License-Identifier: ISC
// The stages of a transfer.
#include "sim/usb/transfer.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/usb/host.hpp"

namespace sim {

Transfer::Transfer(TransferRequest request, std::size_t max_packet_size)
    : request_(std::move(request)),
      max_packet_size_(max_packet_size),
      stage_(request_.control() ? Stage::setup : Stage::data) {}

Transfer::Step Transfer::step(UsbHost& host, bool& data1) {
    switch (stage_) {
        case Stage::setup:
            return setup_stage(host);
        case Stage::data: {
            bool& toggle = request_.control() ? control_data1_ : data1;
            return request_.to_host() ? receive(host, toggle) : send(host, toggle);
        }
        case Stage::status:
            break;
    }
    return status_stage(host);
}

Transfer::Step Transfer::setup_stage(UsbHost& host) {
    const auto answer = host.raw_setup(host.address(), 0, request_.setup);
    // A device may only acknowledge a SETUP or keep silent (USB 2.0 section 8.4.6.4).
    if (answer != Handshake::ack) return unanswered(host, Handshake::none);
    strikes_ = 0;
    stage_ = request_.length == 0 ? Stage::status : Stage::data;
    return Step::moved;
}

Transfer::Step Transfer::receive(UsbHost& host, bool& data1) {
    const auto answer = host.raw_in(host.address(), request_.endpoint & 0x0F);
    if (answer.handshake != Handshake::ack) return unanswered(host, answer.handshake);
    strikes_ = 0;
    if (answer.data1 != data1) {
        // The packet before, whose acknowledgement the device has missed (USB 2.0 section 8.6.4). In a control transfer
        // nothing gets lost here, so there it is a mistake.
        if (!request_.control()) return Step::waits;
        return finish(TransferEnd::violation,
                      fmt::format("byte {} of the data stage came as DATA{:d} instead of DATA{:d}", result_.length,
                                  answer.data1, data1));
    }
    if (answer.bytes.size() > max_packet_size_ || answer.bytes.size() > left())
        return finish(TransferEnd::overrun,
                      fmt::format("the device sent {} bytes where {} were left and a packet holds {}",
                                  answer.bytes.size(), left(), max_packet_size_));
    data1 = !data1;
    received_.insert(received_.end(), answer.bytes.begin(), answer.bytes.end());
    result_.length += answer.bytes.size();
    const bool short_packet = answer.bytes.size() < max_packet_size_;
    return short_packet || left() == 0 ? after_data() : Step::moved;
}

Transfer::Step Transfer::send(UsbHost& host, bool& data1) {
    const auto packet = std::span(request_.data).subspan(result_.length, std::min(left(), max_packet_size_));
    const auto answer = host.raw_out(host.address(), request_.endpoint & 0x0F, data1, packet);
    if (answer != Handshake::ack) return unanswered(host, answer);
    strikes_ = 0;
    data1 = !data1;
    result_.length += packet.size();
    if (left() != 0) return Step::moved;
    const bool full = packet.size() == max_packet_size_;
    return request_.zero_length_end && full && !request_.control() ? Step::moved : after_data();
}

Transfer::Step Transfer::after_data() {
    if (!request_.control()) return finish(TransferEnd::ok);
    stage_ = Stage::status;
    return Step::moved;
}

Transfer::Step Transfer::status_stage(UsbHost& host) {
    if (request_.length != 0 && request_.to_host()) {
        const auto answer = host.raw_out(host.address(), 0, true, {});
        return answer == Handshake::ack ? finish(TransferEnd::ok) : unanswered(host, answer);
    }
    const auto answer = host.raw_in(host.address(), 0);
    if (answer.handshake != Handshake::ack) return unanswered(host, answer.handshake);
    if (!answer.data1) return finish(TransferEnd::violation, "the status stage came as DATA0");
    if (!answer.bytes.empty())
        return finish(TransferEnd::violation, fmt::format("the status stage carried {} bytes", answer.bytes.size()));
    return finish(TransferEnd::ok);
}

Transfer::Step Transfer::unanswered(const UsbHost& host, Handshake handshake) {
    if (handshake == Handshake::stall) return finish(TransferEnd::stall, fmt::format("STALL in {}", where()));
    if (handshake == Handshake::nak) {
        strikes_ = 0;
        return Step::waits;
    }
    if (++strikes_ < host.timing().strikes) return Step::waits;
    return finish(TransferEnd::no_response, fmt::format("no answer in {}, {} times in a row", where(), strikes_));
}

Transfer::Step Transfer::finish(TransferEnd end, std::string detail) {
    if (end == TransferEnd::ok && request_.to_host() && request_.all_wanted && left() != 0) {
        end = TransferEnd::underrun;
        detail = fmt::format("{} bytes came instead of {}", result_.length, request_.length);
    }
    result_.end = end;
    result_.detail = std::move(detail);
    return Step::over;
}

const char* Transfer::where() const {
    if (!request_.control()) return request_.to_host() ? "an IN transfer" : "an OUT transfer";
    if (stage_ == Stage::setup) return "the SETUP stage";
    return stage_ == Stage::data ? "the data stage" : "the status stage";
}

}  // namespace sim
