// SPDX-License-Identifier: ISC
// The stages of a transfer.
#include "sim/serve/usbip/transfer.hpp"

#include <algorithm>
#include <utility>

#include "flasher/bytes.hpp"

namespace sim::usbip {

Transfer::Transfer(Submit submit, std::size_t max_packet_size)
    : submit_(std::move(submit)), max_packet_size_(max_packet_size), stage_(control() ? Stage::setup : Stage::data) {}

bool Transfer::contradicts_itself() const {
    if (!control()) return false;
    const auto announced = flasher::u16_at(submit_.setup, 6);
    const bool to_host = (submit_.setup[0] & 0x80) != 0;
    return announced != submit_.length || (announced != 0 && to_host != (submit_.direction == Direction::in));
}

Transfer::Step Transfer::step(UsbHost& host, bool& data1) {
    if (contradicts_itself()) return finish(TransferStatus::fault);
    begun_ = true;
    switch (stage_) {
        case Stage::setup:
            return setup_stage(host);
        case Stage::data: {
            bool& toggle = control() ? control_data1_ : data1;
            return submit_.direction == Direction::in ? receive(host, toggle) : send(host, toggle);
        }
        case Stage::status:
            break;
    }
    return status_stage(host);
}

Transfer::Step Transfer::setup_stage(UsbHost& host) {
    const auto answer = host.raw_setup(host.address(), 0, submit_.setup);
    // A device may only acknowledge a SETUP or keep silent (USB 2.0 section 8.4.6.4).
    if (answer != Handshake::ack) return unanswered(host, Handshake::none);
    strikes_ = 0;
    stage_ = submit_.length == 0 ? Stage::status : Stage::data;
    return Step::moved;
}

Transfer::Step Transfer::receive(UsbHost& host, bool& data1) {
    const auto answer = host.raw_in(host.address(), submit_.endpoint);
    if (answer.handshake != Handshake::ack) return unanswered(host, answer.handshake);
    strikes_ = 0;
    // The other toggle is the packet before, whose acknowledgement the device has missed (USB 2.0 section 8.6.4). In a
    // control transfer nothing gets lost here, so there it is a mistake.
    if (answer.data1 != data1) return control() ? finish(TransferStatus::fault) : Step::waits;
    if (answer.bytes.size() > max_packet_size_ || answer.bytes.size() > left()) return finish(TransferStatus::overflow);
    data1 = !data1;
    received_.insert(received_.end(), answer.bytes.begin(), answer.bytes.end());
    length_ += answer.bytes.size();
    const bool short_packet = answer.bytes.size() < max_packet_size_;
    return short_packet || left() == 0 ? after_data() : Step::moved;
}

Transfer::Step Transfer::send(UsbHost& host, bool& data1) {
    const auto packet = std::span(submit_.data).subspan(length_, std::min(left(), max_packet_size_));
    const auto answer = host.raw_out(host.address(), submit_.endpoint, data1, packet);
    if (answer != Handshake::ack) return unanswered(host, answer);
    strikes_ = 0;
    data1 = !data1;
    length_ += packet.size();
    if (left() != 0) return Step::moved;
    // Where the client wants it, an empty packet ends data that fills its last packet.
    const bool full = packet.size() == max_packet_size_;
    const bool empty_one_follows = (submit_.flags & Submit::zero_packet) != 0 && full && !control();
    return empty_one_follows ? Step::moved : after_data();
}

Transfer::Step Transfer::after_data() {
    if (!control()) return finish(TransferStatus::ok);
    stage_ = Stage::status;
    return Step::moved;
}

Transfer::Step Transfer::status_stage(UsbHost& host) {
    if (submit_.length != 0 && submit_.direction == Direction::in) {
        const auto answer = host.raw_out(host.address(), 0, true, {});
        return answer == Handshake::ack ? finish(TransferStatus::ok) : unanswered(host, answer);
    }
    const auto answer = host.raw_in(host.address(), 0);
    if (answer.handshake != Handshake::ack) return unanswered(host, answer.handshake);
    const bool right = answer.data1 && answer.bytes.empty();
    return finish(right ? TransferStatus::ok : TransferStatus::fault);
}

Transfer::Step Transfer::unanswered(const UsbHost& host, Handshake handshake) {
    if (handshake == Handshake::stall) return finish(TransferStatus::stall);
    if (handshake == Handshake::nak) {
        strikes_ = 0;
        return Step::waits;
    }
    return ++strikes_ < host.timing().strikes ? Step::waits : finish(TransferStatus::fault);
}

Transfer::Step Transfer::finish(TransferStatus status) {
    const bool all_wanted = (submit_.flags & Submit::short_not_ok) != 0;
    const bool in = submit_.direction == Direction::in;
    if (status == TransferStatus::ok && in && all_wanted && left() != 0) status = TransferStatus::short_read;
    status_ = status;
    return Step::over;
}

}  // namespace sim::usbip
