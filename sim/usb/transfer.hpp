// SPDX-License-Identifier: ISC
// One transfer under way on the virtual bus: stages, toggles, short packets, as a host controller keeps them (USB 2.0
// sections 8.5 and 5.8.3). It moves one transaction at a time, so that an endpoint that answers NAK for ever holds
// nobody up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/usb/port.hpp"

namespace sim {

class UsbHost;

/// How a transfer ended.
enum class TransferEnd : std::uint8_t {
    ok,
    stall,
    timeout,      ///< NAK until HostTiming::transfer_timeout.
    gone,         ///< The port is not enabled (any more).
    no_response,  ///< HostTiming::strikes times in a row neither data nor handshake came.
    violation,    ///< The device broke a rule; `detail` says which.
    overrun,      ///< The device sent more than there was room for.
    underrun,     ///< It sent less than was asked for, where all was wanted.
};

struct TransferResult {
    TransferEnd end = TransferEnd::ok;
    std::size_t length = 0;  ///< Bytes of the data that passed.
    std::string detail;      ///< Why, when it is not ok: a clause for people.

    [[nodiscard]] bool ok() const { return end == TransferEnd::ok; }
};

/// What a program asks of a host controller.
struct TransferRequest {
    std::uint32_t id = 0;                 ///< By which the program knows it.
    std::uint8_t endpoint = 0;            ///< bEndpointAddress, with bit 7 for IN; 0 for a control transfer.
    std::array<std::uint8_t, 8> setup{};  ///< Of a control transfer; its bit 7 says where the data go.
    std::size_t length = 0;               ///< Of the data.
    std::vector<std::uint8_t> data{};     ///< `length` bytes on their way to the device, else none.
    unsigned interval = 0;                ///< Frames between two tries of an interrupt endpoint.
    bool all_wanted = false;              ///< Less data than `length` is an underrun.
    bool zero_length_end = false;         ///< After bulk data that fill the last packet an empty one follows.

    [[nodiscard]] bool control() const { return endpoint == 0; }
    [[nodiscard]] bool to_host() const { return ((control() ? setup[0] : endpoint) & 0x80) != 0; }
};

class Transfer {
  public:
    enum class Step : std::uint8_t {
        moved,  ///< A packet passed; more are to come.
        waits,  ///< NAK, a packet that had come before, or no answer yet: the same again later.
        over,   ///< result() and data() are final.
    };

    /// On endpoint 0 a control transfer, else bulk or interrupt. `max_packet_size` is at least 1.
    Transfer(TransferRequest request, std::size_t max_packet_size);

    /// Makes one transaction with the device that the host talks to. `data1` is the endpoint's
    /// toggle; a control transfer leaves it alone.
    Step step(UsbHost& host, bool& data1);

    [[nodiscard]] const TransferRequest& request() const { return request_; }
    [[nodiscard]] const TransferResult& result() const { return result_; }
    /// What came from the device; empty for a transfer to it.
    [[nodiscard]] const std::vector<std::uint8_t>& data() const { return received_; }
    /// The stage it is in, as in "STALL in the data stage".
    [[nodiscard]] const char* where() const;

  private:
    enum class Stage : std::uint8_t { setup, data, status };

    Step setup_stage(UsbHost& host);
    Step receive(UsbHost& host, bool& data1);
    Step send(UsbHost& host, bool& data1);
    Step status_stage(UsbHost& host);
    Step after_data();
    Step unanswered(const UsbHost& host, Handshake handshake);
    Step finish(TransferEnd end, std::string detail = {});
    [[nodiscard]] std::size_t left() const { return request_.length - result_.length; }

    TransferRequest request_;
    std::size_t max_packet_size_;
    Stage stage_;
    bool control_data1_ = true;  ///< The data stage begins with DATA1.
    unsigned strikes_ = 0;
    std::vector<std::uint8_t> received_;
    TransferResult result_;
};

}  // namespace sim
