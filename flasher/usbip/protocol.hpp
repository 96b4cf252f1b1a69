// SPDX-License-Identifier: ISC
// The USB/IP protocol, version 1.1.1, as bytes (Documentation/usb/usbip_protocol.rst of Linux): what a client may say,
// read strictly out of a TCP stream, and what a server answers.
//
// A connection begins with one operation: the list of devices, or the import of one. After a successful import the same
// connection carries that device's transfers, each a command of 48 bytes with its data behind it. All numbers are
// big-endian but those of USB itself (setup packets, descriptors), which stay as they are.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace flasher::usbip {

using Bytes = std::vector<std::uint8_t>;

/// The client sent what no client may send; the stream cannot be followed any further.
class ProtocolError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Longest data of one transfer. Linux's own programs send at most 16 KiB at a time, usbfs 16 MiB
/// altogether; a full-speed device moves a megabyte in a second at best.
inline constexpr std::uint32_t longest_transfer = 1U << 20;

/// OP_REQ_DEVLIST.
struct ListRequest {
    bool operator==(const ListRequest&) const = default;
};

/// OP_REQ_IMPORT.
struct ImportRequest {
    std::string bus_id;
    bool operator==(const ImportRequest&) const = default;
};

enum class Direction : std::uint8_t { out, in };

/// USBIP_CMD_SUBMIT.
struct Submit {
    /// Bits of transfer_flags that matter to whoever carries the transfer out, as in Linux's usb.h.
    static constexpr std::uint32_t short_not_ok = 0x0001, zero_packet = 0x0040;

    std::uint32_t sequence = 0;
    Direction direction = Direction::out;
    std::uint8_t endpoint = 0;  ///< 0 to 15.
    std::uint32_t flags = 0;
    std::uint32_t length = 0;    ///< Of the data, at most longest_transfer.
    std::uint32_t interval = 0;  ///< In frames; of interrupt endpoints.
    std::array<std::uint8_t, 8> setup{};
    Bytes data;  ///< `length` bytes for Direction::out, else none.

    bool operator==(const Submit&) const = default;
};

/// USBIP_CMD_UNLINK.
struct Unlink {
    std::uint32_t sequence = 0;
    std::uint32_t target = 0;  ///< Sequence number of the transfer that is no longer wanted.
    bool operator==(const Unlink&) const = default;
};

using Message = std::variant<ListRequest, ImportRequest, Submit, Unlink>;

/// Takes a connection's bytes as they come and gives the messages in them.
class Reader {
  public:
    /// The next bytes of the stream.
    void feed(std::span<const std::uint8_t> bytes);
    /// The next whole message, or nothing until more bytes have come. Throws ProtocolError; the
    /// reader is of no use then.
    [[nodiscard]] std::optional<Message> next();
    /// From now on the stream carries commands for the device with this number.
    void imported(std::uint32_t device_number) { device_number_ = device_number; }

  private:
    [[nodiscard]] std::optional<Message> next_operation();
    [[nodiscard]] std::optional<Message> next_command(std::uint32_t device);
    [[nodiscard]] Submit read_submit() const;
    [[nodiscard]] std::span<const std::uint8_t> waiting() const { return std::span(buffer_).subspan(taken_); }
    void take(std::size_t count);

    Bytes buffer_;
    std::size_t taken_ = 0;  ///< Bytes at the start of buffer_ that are done with.
    std::optional<std::uint32_t> device_number_;
};

/// What the list and the answer to an import say about a device.
struct DeviceFacts {
    std::string bus_id;  ///< Such as "1-1"; at most 31 bytes.
    std::uint32_t bus = 1;
    std::uint32_t device = 1;
    std::uint16_t idVendor = 0, idProduct = 0, bcdDevice = 0;
    std::uint8_t bDeviceClass = 0, bDeviceSubClass = 0, bDeviceProtocol = 0;
    std::uint8_t bConfigurationValue = 0, bNumConfigurations = 0;
    struct Interface {
        std::uint8_t bInterfaceClass = 0, bInterfaceSubClass = 0, bInterfaceProtocol = 0;
    };
    std::vector<Interface> interfaces;

    /// As commands name the device.
    [[nodiscard]] std::uint32_t number() const { return bus << 16 | device; }
};

/// Why an import is refused.
enum class ImportStatus : std::uint32_t { ok = 0, busy = 2, no_such_device = 4 };

/// How a transfer ended: 0, or minus one of Linux's errno, whatever system this runs on.
enum class TransferStatus : std::int32_t {
    ok = 0,
    stall = -32,       ///< EPIPE
    fault = -71,       ///< EPROTO: no answer, or one against the rules.
    overflow = -75,    ///< EOVERFLOW: the device sent more than there was room for.
    unlinked = -104,   ///< ECONNRESET
    gone = -108,       ///< ESHUTDOWN
    short_read = -121  ///< EREMOTEIO: less than asked for, where the client wanted all.
};

[[nodiscard]] Bytes list_answer(std::span<const DeviceFacts> devices);
[[nodiscard]] Bytes import_refusal(ImportStatus status);
[[nodiscard]] Bytes import_answer(const DeviceFacts& device);
/// `length` counts what passed; `data` is that for Direction::in, else empty.
[[nodiscard]] Bytes submit_answer(std::uint32_t sequence, TransferStatus status, std::uint32_t length,
                                  std::span<const std::uint8_t> data);
/// `status` is `unlinked` when the transfer was still under way, `ok` when it had ended.
[[nodiscard]] Bytes unlink_answer(std::uint32_t sequence, TransferStatus status);

}  // namespace flasher::usbip
