// SPDX-License-Identifier: ISC
// Which endpoints there are, and whose turn it is in a frame.
#include "sim/usb/root_port.hpp"

#include <algorithm>
#include <utility>

#include "flasher/bytes.hpp"

namespace sim {
namespace {

// USB 2.0 tables 9-4, 9-5 and 9-13.
constexpr std::uint8_t clear_feature = 1, set_configuration = 9, set_interface = 11;
constexpr std::uint8_t to_device = 0x00, to_interface = 0x01, to_endpoint = 0x02;
constexpr std::uint8_t type_interface = 4, type_endpoint = 5, interrupt_transfer = 3;

/// A bulk endpoint with nothing to say is asked so often in a frame. A real controller asks up to
/// 200 times; what is gained by that is a fraction of a frame, and each time costs real time.
constexpr unsigned bulk_naks_per_frame = 8;

}  // namespace

void RootPort::open(const EnumeratedDevice& device) {
    endpoints_.clear();
    reset_endpoints();
    std::uint8_t interface = 0, alternate = 0;
    const flasher::Bytes all = device.configuration_descriptor;
    for (std::size_t at = 0; at + 2 <= all.size() && all[at] >= 2; at += all[at]) {
        const auto descriptor = flasher::slice(all, at, all[at]);
        if (!descriptor) return;
        const auto& d = *descriptor;
        if (d[1] == type_interface && d.size() >= 4) {
            interface = d[2];
            alternate = d[3];
        } else if (d[1] == type_endpoint && d.size() >= 7) {
            endpoints_.emplace(d[2] & 0x8f, Endpoint{.interface = interface,
                                                     .alternate = alternate,
                                                     .interrupt = (d[3] & 3) == interrupt_transfer,
                                                     .max_packet_size = flasher::u16_at(d, 4) & 0x7ffU});
        }
    }
}

void RootPort::reset_endpoints() {
    alternates_.clear();
    toggles_.clear();
}

const RootPort::Endpoint* RootPort::find(Key key) const {
    const auto [begin, end] = endpoints_.equal_range(key);
    for (auto entry = begin; entry != end; ++entry) {
        const auto& [number, endpoint] = *entry;
        const auto chosen = alternates_.find(endpoint.interface);
        const auto alternate = chosen == alternates_.end() ? 0 : chosen->second;
        if (endpoint.alternate == alternate && endpoint.max_packet_size != 0) return &endpoint;
    }
    return nullptr;
}

void RootPort::submit(TransferRequest request) {
    const Key key = request.endpoint;
    const Endpoint* endpoint = find(key);
    const std::size_t size = key == 0 ? host_.max_packet_size() : endpoint != nullptr ? endpoint->max_packet_size : 1;
    queues_[key].transfers.emplace_back(std::move(request), size);
}

bool RootPort::unlink(std::uint32_t id) {
    for (auto& [key, queue] : queues_)
        if (std::erase_if(queue.transfers, [&](const Transfer& one) { return one.request().id == id; }) != 0)
            return true;
    return false;
}

std::size_t RootPort::pending() const {
    std::size_t count = 0;
    for (const auto& [key, queue] : queues_)
        count += queue.transfers.size();
    return count;
}

std::size_t RootPort::pending_bytes() const {
    std::size_t count = 0;
    for (const auto& [key, queue] : queues_)
        for (const auto& transfer : queue.transfers)
            count += transfer.request().data.size();
    return count;
}

bool RootPort::control_pending() const {
    const auto queue = queues_.find(0);
    return queue != queues_.end() && !queue->second.transfers.empty();
}

std::vector<Completion> RootPort::run_frame() {
    host_.next_frame();
    ++frame_;
    for (auto& [key, queue] : queues_)
        queue.naks = 0;
    std::vector<Completion> done;
    const Time end = host_.state().frame_start + millisecond;
    for (bool working = true; working;) {
        working = false;
        for (auto& [key, queue] : queues_) {
            if (host_.now() >= end || host_.port_state() != PortState::enabled) return done;
            if (!ready(key, queue)) continue;
            work(key, queue, done);
            working = true;
        }
    }
    return done;
}

bool RootPort::ready(Key key, const Queue& queue) const {
    if (queue.transfers.empty()) return false;
    if (key == 0) return true;
    return queue.naks < bulk_naks_per_frame && frame_ >= queue.next_poll;
}

void RootPort::work(Key key, Queue& queue, std::vector<Completion>& done) {
    const Endpoint* endpoint = find(key);
    if (key != 0 && endpoint == nullptr) {
        return complete(queue, {.end = TransferEnd::violation, .length = 0, .detail = "there is no such endpoint"},
                        done);
    }
    Transfer& transfer = queue.transfers.front();
    if (endpoint != nullptr && endpoint->interrupt)
        queue.next_poll = frame_ + std::max(1U, transfer.request().interval);
    switch (transfer.step(host_, toggles_[key])) {
        case Transfer::Step::moved:
            return;
        case Transfer::Step::waits:
            ++queue.naks;
            return;
        case Transfer::Step::over:
            break;
    }
    if (key == 0 && transfer.result().ok()) note_control(transfer.request());
    complete(queue, transfer.result(), done);
}

void RootPort::complete(Queue& queue, const TransferResult& result, std::vector<Completion>& done) {
    const Transfer& transfer = queue.transfers.front();
    done.push_back({.id = transfer.request().id, .result = result, .data = transfer.data()});
    queue.transfers.pop_front();
}

// Requests after which the device's endpoints start anew (USB 2.0 section 9.1.1.5).
void RootPort::note_control(const TransferRequest& request) {
    const auto& setup = request.setup;
    if (setup[0] == to_endpoint && setup[1] == clear_feature) toggles_.erase(setup[4] & 0x8f);
    if (setup[0] == to_device && setup[1] == set_configuration) reset_endpoints();
    if (setup[0] == to_interface && setup[1] == set_interface) select_alternate(setup[4], setup[2]);
}

void RootPort::select_alternate(std::uint8_t interface, std::uint8_t alternate) {
    alternates_[interface] = alternate;
    for (const auto& [key, endpoint] : endpoints_)
        if (endpoint.interface == interface) toggles_.erase(key);
}

}  // namespace sim
