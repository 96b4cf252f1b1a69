// SPDX-License-Identifier: ISC
// The part of a host controller that drivers use: queues of transfers for one enumerated device, processed
// frame by frame.
//
// Transfers of one endpoint run in order, those of different endpoints side by side. What has been submitted begins
// with the next frame.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <vector>

#include "sim/usb/enumeration.hpp"
#include "sim/usb/host.hpp"
#include "sim/usb/transfer.hpp"

namespace sim {

/// A transfer that has ended.
struct Completion {
    std::uint32_t id = 0;  ///< Of the request.
    TransferResult result;
    std::vector<std::uint8_t> data;
};

class RootPort {
  public:
    /// `host` outlives the port.
    explicit RootPort(UsbHost& host) : host_(host) {}

    /// A device was enumerated: endpoints as after a bus reset, toggles at DATA0, alternate
    /// settings 0. Pending transfers stay.
    void open(const EnumeratedDevice& device);

    void submit(TransferRequest request);
    /// Withdraws a transfer. False when it is no longer pending.
    bool unlink(std::uint32_t id);
    /// Withdraws all transfers.
    void abandon() { queues_.clear(); }
    [[nodiscard]] std::size_t pending() const;
    /// Bytes that the pending ones carry to the device.
    [[nodiscard]] std::size_t pending_bytes() const;
    /// Transfers of endpoint 0 are pending.
    [[nodiscard]] bool control_pending() const;

    /// Lets one frame pass, and returns the transfers that ended in it.
    [[nodiscard]] std::vector<Completion> run_frame();

  private:
    /// bEndpointAddress; endpoint 0 is one queue for both directions.
    using Key = std::uint8_t;
    struct Endpoint {
        std::uint8_t interface = 0;
        std::uint8_t alternate = 0;
        bool interrupt = false;
        std::size_t max_packet_size = 0;
    };
    struct Queue {
        std::deque<Transfer> transfers;
        unsigned naks = 0;            ///< In this frame.
        std::uint64_t next_poll = 0;  ///< Of an interrupt endpoint: not before this frame.
    };

    void reset_endpoints();
    [[nodiscard]] const Endpoint* find(Key key) const;
    [[nodiscard]] bool ready(Key key, const Queue& queue) const;
    void work(Key key, Queue& queue, std::vector<Completion>& done);
    static void complete(Queue& queue, const TransferResult& result, std::vector<Completion>& done);
    void note_control(const TransferRequest& request);
    void select_alternate(std::uint8_t interface, std::uint8_t alternate);

    UsbHost& host_;
    std::multimap<Key, Endpoint> endpoints_;
    std::map<std::uint8_t, std::uint8_t> alternates_;  ///< Of each interface; 0 where none is set.
    std::map<Key, Queue> queues_;
    std::map<Key, bool> toggles_;  ///< The next data packet is DATA1.
    std::uint64_t frame_ = 0;
};

}  // namespace sim
