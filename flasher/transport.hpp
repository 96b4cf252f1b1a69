// SPDX-License-Identifier: ISC
// What a DFU client needs from whatever carries its control transfers: libusb, a virtual board, a test's fake.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace flasher {

/// The eight bytes that open a control transfer, named as in USB 2.0 section 9.3, table 9-2.
struct SetupPacket {
    std::uint8_t bmRequestType = 0;
    std::uint8_t bRequest = 0;
    std::uint16_t wValue = 0;
    std::uint16_t wIndex = 0;
    std::uint16_t wLength = 0;

    bool operator==(const SetupPacket&) const = default;
};

/// How a transfer ended.
enum class Outcome {
    ok,       ///< The status stage was acknowledged.
    stall,    ///< The device answered STALL: it refuses this request in its present state.
    timeout,  ///< The device kept answering NAK until the transport's time limit.
    gone,     ///< The device is no longer on the bus.
    fault,    ///< The device broke the protocol (no handshake, wrong toggle, too much data).
};

/// Outcome of a transfer and the bytes of its data stage that arrived.
struct TransferResult {
    Outcome outcome = Outcome::ok;
    std::size_t length = 0;

    [[nodiscard]] bool ok() const { return outcome == Outcome::ok; }
    bool operator==(const TransferResult&) const = default;
};

/// One opened, addressed and configured device. Not thread-safe.
///
/// A transport reports what happened on the wire and judges nothing: a stall is a result, not an
/// exception. It lets a transfer run for 5 s before it answers `timeout`.
class Transport {
  public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    /// A control transfer whose data stage, if wLength is not 0, goes to the host. `setup.wLength`
    /// is at most `data.size()`; what the device sends beyond it is a fault.
    virtual TransferResult control_in(const SetupPacket& setup, std::span<std::uint8_t> data) = 0;

    /// A control transfer whose data stage goes to the device; `setup.wLength` equals
    /// `data.size()`.
    virtual TransferResult control_out(const SetupPacket& setup, std::span<const std::uint8_t> data) = 0;

    /// Lets `duration` pass in the device's world (virtual for a virtual board).
    virtual void sleep(std::chrono::milliseconds duration) = 0;

    /// Resets the port and brings the device back to its configuration. `gone` when no device, or
    /// another one than before, answers afterwards: the normal end of a DFU session (DFU 1.1
    /// section 7).
    virtual Outcome bus_reset() = 0;

    /// Waits until the device has left the bus, at most `limit`. True when it has.
    virtual bool wait_until_gone(std::chrono::milliseconds limit) = 0;

    /// Waits, at most `limit`, for a device on the same port, and opens it: control transfers then
    /// reach that one. True when one answered. It may have other descriptors than the one before.
    virtual bool reopen(std::chrono::milliseconds limit) = 0;
};

}  // namespace flasher
