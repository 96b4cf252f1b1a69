// SPDX-License-Identifier: ISC
// Requests to bytes, answers from bytes.
#include "flasher/usbip/answers.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "flasher/usbip/wire.hpp"

namespace flasher::usbip {
namespace {

constexpr std::size_t interface_bytes = 4;
/// More than any server lends; a list that claims more is not one.
constexpr std::uint32_t most_devices = 4096;

Writer command_header(std::uint32_t command, std::uint32_t sequence, std::uint32_t device, Direction direction,
                      std::uint32_t endpoint) {
    Writer writer;
    writer.u32(command).u32(sequence).u32(device).u32(direction == Direction::in ? 1 : 0).u32(endpoint);
    return writer;
}

/// The status of an operation's answer, its header checked.
std::uint32_t operation_status(std::span<const std::uint8_t> bytes, std::uint16_t code) {
    if (u16(bytes, 0) != version || u16(bytes, 2) != code)
        throw ProtocolError(fmt::format("operation 0x{:04x} of version 0x{:04x} where 0x{:04x} of 0x{:04x} is due",
                                        u16(bytes, 2), u16(bytes, 0), code, version));
    return u32(bytes, 4);
}

std::string text_field(std::span<const std::uint8_t> field) {
    const auto end = std::ranges::find(field, std::uint8_t{0});
    if (end == field.end()) throw ProtocolError("a bus id without an end");
    if (end == field.begin() || !std::all_of(field.begin(), end, [](int c) { return std::isgraph(c) != 0; }))
        throw ProtocolError("a bus id that is not text");
    return {field.begin(), end};
}

DeviceFacts device_from(std::span<const std::uint8_t> bytes) {
    std::size_t at = path_bytes + bus_id_bytes;
    DeviceFacts device;
    device.bus_id = text_field(bytes.subspan(path_bytes, bus_id_bytes));
    device.bus = u32(bytes, at);
    device.device = u32(bytes, at + 4);
    at += 12;  // and the speed
    device.idVendor = u16(bytes, at);
    device.idProduct = u16(bytes, at + 2);
    device.bcdDevice = u16(bytes, at + 4);
    device.bDeviceClass = bytes[at + 6];
    device.bDeviceSubClass = bytes[at + 7];
    device.bDeviceProtocol = bytes[at + 8];
    device.bConfigurationValue = bytes[at + 9];
    device.bNumConfigurations = bytes[at + 10];
    device.interfaces.resize(bytes[at + 11]);
    return device;
}

}  // namespace

Bytes list_request() {
    return Writer().u16(version).u16(op_req_devlist).u32(0).done();
}

Bytes import_request(std::string_view bus_id) {
    return Writer().u16(version).u16(op_req_import).u32(0).text(bus_id, bus_id_bytes).done();
}

Bytes submit_command(const Submit& submit, std::uint32_t device_number) {
    // start_frame is not used; number_of_packets is that of a transfer that is not isochronous.
    return command_header(cmd_submit, submit.sequence, device_number, submit.direction, submit.endpoint)
        .u32(submit.flags)
        .u32(submit.length)
        .u32(0)
        .u32(0xFFFF'FFFF)
        .u32(submit.interval)
        .append(submit.setup)
        .append(submit.data)
        .done();
}

Bytes unlink_command(const Unlink& unlink, std::uint32_t device_number) {
    return command_header(cmd_unlink, unlink.sequence, device_number, Direction::out, 0)
        .u32(unlink.target)
        .zeroes(24)
        .done();
}

std::optional<std::vector<DeviceFacts>> AnswerReader::list() {
    if (buffer_.size() < operation_bytes + 4) return std::nullopt;
    const std::span bytes(buffer_);
    if (const auto status = operation_status(bytes, op_rep_devlist); status != 0)
        throw ProtocolError(fmt::format("no list of devices (status {})", status));
    const auto count = u32(bytes, operation_bytes);
    if (count > most_devices) throw ProtocolError(fmt::format("a list of {} devices", count));
    std::vector<DeviceFacts> devices;
    std::size_t at = operation_bytes + 4;
    for (std::uint32_t i = 0; i < count; ++i) {
        if (buffer_.size() - at < device_bytes) return std::nullopt;
        auto device = device_from(bytes.subspan(at, device_bytes));
        at += device_bytes;
        if (buffer_.size() - at < device.interfaces.size() * interface_bytes) return std::nullopt;
        for (auto& interface : device.interfaces) {
            interface = {bytes[at], bytes[at + 1], bytes[at + 2]};
            at += interface_bytes;
        }
        devices.push_back(std::move(device));
    }
    take(at);
    return devices;
}

std::optional<ImportAnswer> AnswerReader::import() {
    if (buffer_.size() < operation_bytes) return std::nullopt;
    const std::span bytes(buffer_);
    const auto status = operation_status(bytes, op_rep_import);
    if (status != 0) {
        take(operation_bytes);
        return ImportAnswer{.status = static_cast<ImportStatus>(status), .device = {}};
    }
    if (buffer_.size() < operation_bytes + device_bytes) return std::nullopt;
    ImportAnswer answer{.status = ImportStatus::ok,
                        .device = device_from(bytes.subspan(operation_bytes, device_bytes))};
    take(operation_bytes + device_bytes);
    return answer;
}

std::optional<std::variant<SubmitAnswer, UnlinkAnswer>> AnswerReader::command(Direction direction) {
    if (buffer_.size() < command_bytes) return std::nullopt;
    const std::span bytes(buffer_);
    const auto command = u32(bytes, 0), sequence = u32(bytes, 4), length = u32(bytes, 24);
    const auto status = static_cast<TransferStatus>(static_cast<std::int32_t>(u32(bytes, 20)));
    if (command == ret_unlink) {
        take(command_bytes);
        return UnlinkAnswer{.sequence = sequence, .status = status};
    }
    if (command != ret_submit) throw ProtocolError(fmt::format("answer 0x{:08x} is not known", command));
    if (length > longest_transfer)
        throw ProtocolError(fmt::format("an answer of {} bytes; {} are the most", length, longest_transfer));
    const std::size_t payload = direction == Direction::in ? length : 0;
    if (buffer_.size() - command_bytes < payload) return std::nullopt;
    const auto data = bytes.subspan(command_bytes, payload);
    SubmitAnswer answer{.sequence = sequence, .status = status, .length = length, .data = {data.begin(), data.end()}};
    take(command_bytes + payload);
    return answer;
}

}  // namespace flasher::usbip
