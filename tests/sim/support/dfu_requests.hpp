// SPDX-License-Identifier: ISC
// Single DFU requests (DFU 1.1 section 3), right ones and wrong ones, without a client's good manners.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "flasher/dfu_protocol.hpp"
#include "sim/usb/host.hpp"

namespace sim::test {

/// What came of an UPLOAD.
struct Uploaded {
    TransferEnd end = TransferEnd::ok;
    std::vector<std::uint8_t> bytes;
};

class DfuRequests {
  public:
    /// `host` talks to an addressed device and outlives this.
    explicit DfuRequests(UsbHost& host) : host_(host) {}

    TransferEnd dnload(std::uint16_t block, std::span<const std::uint8_t> bytes);
    TransferEnd dnload_end(std::uint16_t block) { return dnload(block, {}); }
    [[nodiscard]] Uploaded upload(std::uint16_t block, std::uint16_t length);
    TransferEnd clear_status() { return command(flasher::DfuRequest::clrstatus); }
    TransferEnd abort() { return command(flasher::DfuRequest::abort); }
    TransferEnd detach() { return command(flasher::DfuRequest::detach); }
    /// Nothing when it is stalled, or is not answered with six bytes.
    [[nodiscard]] std::optional<flasher::DfuReport> get_status();
    /// Nothing when it is stalled, or is not answered with one byte.
    [[nodiscard]] std::optional<flasher::DfuState> get_state();

    /// GETSTATUS until the device is no longer busy, waiting as long as it asks for.
    /// @return the last report; nothing when the device is silent or stalls
    std::optional<flasher::DfuReport> settle();
    /// DNLOAD and settle().
    std::optional<flasher::DfuReport> send_block(std::uint16_t block, std::span<const std::uint8_t> bytes);
    /// The whole image in blocks of `size`, and the zero-length block; not the manifestation.
    /// @return the first report that is not OK, or the last one
    std::optional<flasher::DfuReport> send_image(std::span<const std::uint8_t> image, std::size_t size);

    /// Any request. `data` is sent; wLength is its size.
    TransferEnd raw_out(std::uint8_t request, std::uint16_t value = 0, std::span<const std::uint8_t> data = {},
                        std::uint16_t index = 0);
    Uploaded raw_in(std::uint8_t request, std::uint16_t value, std::uint16_t length, std::uint16_t index = 0);

  private:
    TransferEnd command(flasher::DfuRequest request) { return raw_out(static_cast<std::uint8_t>(request)); }

    UsbHost& host_;
};

}  // namespace sim::test
