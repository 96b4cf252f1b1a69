// SPDX-License-Identifier: ISC
// One transfer of a client under way on the virtual bus: stages, toggles, short packets, as a host controller keeps
// them (USB 2.0 sections 8.5 and 5.8.3). It moves one transaction at a time, so that an endpoint that answers NAK for
// ever holds nobody up.
#pragma once

#include "sim/serve/usbip/protocol.hpp"
#include "sim/usb/host.hpp"

namespace sim::usbip {

class Transfer {
  public:
    enum class Step : std::uint8_t {
        moved,  ///< A packet passed; more are to come.
        waits,  ///< NAK, or no answer yet: the same again later.
        over,   ///< status(), length() and data() are final.
    };

    /// On endpoint 0 a control transfer, else bulk or interrupt. `max_packet_size` is at least 1.
    Transfer(Submit submit, std::size_t max_packet_size);

    /// Makes one transaction with the device that the host talks to. `data1` is the endpoint's
    /// toggle; a control transfer leaves it alone. A client that contradicts itself in the setup
    /// packet makes it `over` without a transaction.
    Step step(UsbHost& host, bool& data1);

    [[nodiscard]] const Submit& submit() const { return submit_; }
    [[nodiscard]] TransferStatus status() const { return status_; }
    /// Bytes of the data that passed.
    [[nodiscard]] std::size_t length() const { return length_; }
    /// What came from the device; empty for Direction::out.
    [[nodiscard]] const Bytes& data() const { return received_; }
    /// It has begun on the bus: a control transfer is then in the middle of its stages.
    [[nodiscard]] bool begun() const { return begun_; }

  private:
    enum class Stage : std::uint8_t { setup, data, status };

    Step setup_stage(UsbHost& host);
    Step receive(UsbHost& host, bool& data1);
    Step send(UsbHost& host, bool& data1);
    Step status_stage(UsbHost& host);
    Step after_data();
    Step unanswered(const UsbHost& host, Handshake handshake);
    Step finish(TransferStatus status);
    [[nodiscard]] bool contradicts_itself() const;
    [[nodiscard]] std::size_t left() const { return submit_.length - length_; }
    [[nodiscard]] bool control() const { return submit_.endpoint == 0; }

    Submit submit_;
    std::size_t max_packet_size_;
    Stage stage_;
    bool control_data1_ = true;  ///< The data stage begins with DATA1.
    bool begun_ = false;
    unsigned strikes_ = 0;
    std::size_t length_ = 0;
    Bytes received_;
    TransferStatus status_ = TransferStatus::ok;
};

}  // namespace sim::usbip
