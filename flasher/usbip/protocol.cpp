// SPDX-License-Identifier: ISC
// USB/IP messages from and to bytes.
#include "flasher/usbip/protocol.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "flasher/usbip/wire.hpp"

namespace flasher::usbip {
namespace {

constexpr std::uint32_t speed_full = 2;

Writer operation(std::uint16_t code, ImportStatus status) {
    Writer writer;
    writer.u16(version).u16(code).u32(static_cast<std::uint32_t>(status));
    return writer;
}

void write_device(Writer& to, const DeviceFacts& device) {
    to.text(fmt::format("/sys/devices/platform/dapboot-sim/usb{}/{}", device.bus, device.bus_id), path_bytes);
    to.text(device.bus_id, bus_id_bytes);
    to.u32(device.bus).u32(device.device).u32(speed_full);
    to.u16(device.idVendor).u16(device.idProduct).u16(device.bcdDevice);
    to.u8(device.bDeviceClass).u8(device.bDeviceSubClass).u8(device.bDeviceProtocol);
    to.u8(device.bConfigurationValue).u8(device.bNumConfigurations);
    to.u8(static_cast<std::uint8_t>(device.interfaces.size()));
}

/// The header of an answer: whose it is, and three words that only commands need.
Writer answer(std::uint32_t command, std::uint32_t sequence, TransferStatus status) {
    Writer writer;
    writer.u32(command).u32(sequence).zeroes(12);
    writer.u32(static_cast<std::uint32_t>(status));
    return writer;
}

}  // namespace

void Reader::feed(std::span<const std::uint8_t> bytes) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

void Reader::take(std::size_t count) {
    taken_ += count;
}

std::optional<Message> Reader::next() {
    return device_number_ ? next_command(*device_number_) : next_operation();
}

std::optional<Message> Reader::next_operation() {
    const auto bytes = waiting();
    if (bytes.size() < operation_bytes) return std::nullopt;
    if (u16(bytes, 0) != version)
        throw ProtocolError(fmt::format("version 0x{:04x}; this server speaks 0x{:04x}", u16(bytes, 0), version));
    const auto code = u16(bytes, 2);
    if (code == op_req_devlist) {
        take(operation_bytes);
        return ListRequest{};
    }
    if (code != op_req_import) throw ProtocolError(fmt::format("operation 0x{:04x} is not known", code));
    if (bytes.size() < operation_bytes + bus_id_bytes) return std::nullopt;
    const auto field = bytes.subspan(operation_bytes, bus_id_bytes);
    const auto end = std::ranges::find(field, 0);
    if (end == field.end()) throw ProtocolError("a bus id without a terminating zero");
    if (!std::all_of(field.begin(), end, [](int c) { return std::isgraph(c) != 0; }))
        throw ProtocolError("a bus id that is not text");
    take(operation_bytes + bus_id_bytes);
    return ImportRequest{.bus_id = std::string(field.begin(), end)};
}

std::optional<Message> Reader::next_command(std::uint32_t device) {
    const auto bytes = waiting();
    if (bytes.size() < command_bytes) return std::nullopt;
    const auto command = u32(bytes, 0);
    if (command != cmd_submit && command != cmd_unlink)
        throw ProtocolError(fmt::format("command 0x{:08x} is not known", command));
    if (u32(bytes, 8) != device)
        throw ProtocolError(
            fmt::format("a command for device 0x{:08x}; this connection has 0x{:08x}", u32(bytes, 8), device));
    if (command == cmd_unlink) {
        const Unlink unlink{.sequence = u32(bytes, 4), .target = u32(bytes, 20)};
        take(command_bytes);
        return unlink;
    }
    Submit submit = read_submit();
    const std::size_t payload = submit.direction == Direction::out ? submit.length : 0;
    if (bytes.size() - command_bytes < payload) return std::nullopt;
    const auto data = bytes.subspan(command_bytes, payload);
    submit.data.assign(data.begin(), data.end());
    take(command_bytes + payload);
    return submit;
}

Submit Reader::read_submit() const {
    const auto bytes = waiting();
    const auto direction = u32(bytes, 12), endpoint = u32(bytes, 16), length = u32(bytes, 24), packets = u32(bytes, 32);
    if (direction > 1) throw ProtocolError(fmt::format("direction {}", direction));
    if (endpoint > 15) throw ProtocolError(fmt::format("endpoint {}", endpoint));
    if (length > longest_transfer)
        throw ProtocolError(fmt::format("a transfer of {} bytes; {} are the most", length, longest_transfer));
    // Transfers that are not isochronous have no packets; clients write 0 or all ones.
    if (packets != 0 && packets != 0xffff'ffff)
        throw ProtocolError(fmt::format("an isochronous transfer of {} packets; no board has such endpoints", packets));
    Submit submit{.sequence = u32(bytes, 4),
                  .direction = direction == 1 ? Direction::in : Direction::out,
                  .endpoint = static_cast<std::uint8_t>(endpoint),
                  .flags = u32(bytes, 20),
                  .length = length,
                  .interval = u32(bytes, 36),
                  .setup = {},
                  .data = {}};
    std::ranges::copy(bytes.subspan(40, 8), submit.setup.begin());
    return submit;
}

Bytes list_answer(std::span<const DeviceFacts> devices) {
    Writer writer = operation(op_rep_devlist, ImportStatus::ok);
    writer.u32(static_cast<std::uint32_t>(devices.size()));
    for (const auto& device : devices) {
        write_device(writer, device);
        for (const auto& interface : device.interfaces)
            writer.u8(interface.bInterfaceClass)
                .u8(interface.bInterfaceSubClass)
                .u8(interface.bInterfaceProtocol)
                .u8(0);
    }
    return writer.done();
}

Bytes import_refusal(ImportStatus status) {
    return operation(op_rep_import, status).done();
}

Bytes import_answer(const DeviceFacts& device) {
    Writer writer = operation(op_rep_import, ImportStatus::ok);
    write_device(writer, device);
    return writer.done();
}

Bytes submit_answer(std::uint32_t sequence, TransferStatus status, std::uint32_t length,
                    std::span<const std::uint8_t> data) {
    // start_frame, number_of_packets, error_count and eight bytes of padding are zero.
    return answer(ret_submit, sequence, status).u32(length).zeroes(20).append(data).done();
}

Bytes unlink_answer(std::uint32_t sequence, TransferStatus status) {
    return answer(ret_unlink, sequence, status).zeroes(24).done();
}

}  // namespace flasher::usbip
