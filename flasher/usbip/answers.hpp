// SPDX-License-Identifier: ISC
// The client's half of USB/IP: what it asks, and what servers answer, read as strictly as the server reads its clients.
#pragma once

#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "flasher/usbip/protocol.hpp"

namespace flasher::usbip {

[[nodiscard]] Bytes list_request();
[[nodiscard]] Bytes import_request(std::string_view bus_id);
/// For the device with this number (DeviceFacts::number()).
[[nodiscard]] Bytes submit_command(const Submit& submit, std::uint32_t device_number);
[[nodiscard]] Bytes unlink_command(const Unlink& unlink, std::uint32_t device_number);

/// USBIP_RET_SUBMIT.
struct SubmitAnswer {
    std::uint32_t sequence = 0;
    TransferStatus status = TransferStatus::ok;
    std::uint32_t length = 0;  ///< What passed.
    Bytes data;                ///< Of Direction::in.
};

/// USBIP_RET_UNLINK.
struct UnlinkAnswer {
    std::uint32_t sequence = 0;
    TransferStatus status = TransferStatus::ok;
};

/// OP_REP_IMPORT; a device when it is ok.
struct ImportAnswer {
    ImportStatus status = ImportStatus::ok;
    std::optional<DeviceFacts> device;
};

/// Takes a server's bytes as they come. Every method gives nothing until a whole answer is there, and throws
/// ProtocolError on what no server may say.
class AnswerReader {
  public:
    void feed(std::span<const std::uint8_t> bytes) { buffer_.insert(buffer_.end(), bytes.begin(), bytes.end()); }

    [[nodiscard]] std::optional<std::vector<DeviceFacts>> list();
    [[nodiscard]] std::optional<ImportAnswer> import();
    /// Answers to commands. `direction` is that of the one transfer under way: the answer itself does not tell whether
    /// data follows.
    [[nodiscard]] std::optional<std::variant<SubmitAnswer, UnlinkAnswer>> command(Direction direction);

  private:
    void take(std::size_t count) {
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(count));
    }

    Bytes buffer_;
};

}  // namespace flasher::usbip
