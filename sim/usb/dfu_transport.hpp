// SPDX-License-Identifier: ISC
// The flasher's transport over the virtual host: what libusb is on a real one.
#pragma once

#include "flasher/transport.hpp"
#include "sim/usb/enumeration.hpp"
#include "sim/usb/host.hpp"

namespace sim {

class HostTransport : public flasher::Transport {
  public:
    /// Waits at most `limit` for a device and enumerates it. `host` outlives the transport. Throws
    /// EnumerationError, flasher::DescriptorError.
    explicit HostTransport(UsbHost& host, Time limit = 5'000 * millisecond);
    /// For a device that is enumerated already.
    HostTransport(UsbHost& host, EnumeratedDevice device);

    flasher::TransferResult control_in(const flasher::SetupPacket& setup, std::span<std::uint8_t> data) override;
    flasher::TransferResult control_out(const flasher::SetupPacket& setup, std::span<const std::uint8_t> data) override;
    void sleep(std::chrono::milliseconds duration) override;
    flasher::Outcome bus_reset() override;
    bool wait_until_gone(std::chrono::milliseconds limit) override;
    bool reopen(std::chrono::milliseconds limit) override;

    [[nodiscard]] const EnumeratedDevice& device() const { return device_; }
    /// Why the last transfer that failed did so; a clause for people.
    [[nodiscard]] const std::string& last_detail() const { return last_detail_; }

  private:
    flasher::TransferResult convert(TransferResult result);

    UsbHost& host_;
    EnumeratedDevice device_;
    std::string last_detail_;
};

}  // namespace sim
