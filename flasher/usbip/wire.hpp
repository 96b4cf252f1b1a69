// SPDX-License-Identifier: ISC
// Numbers and fields of USB/IP messages: big-endian, texts in fields of fixed size.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace flasher::usbip {

inline constexpr std::uint16_t version = 0x0111;
inline constexpr std::uint16_t op_req_devlist = 0x8005, op_rep_devlist = 0x0005;
inline constexpr std::uint16_t op_req_import = 0x8003, op_rep_import = 0x0003;
inline constexpr std::uint32_t cmd_submit = 1, cmd_unlink = 2, ret_submit = 3, ret_unlink = 4;
/// Of an operation's header, the two texts of a device, a device with them, and a command or its answer.
inline constexpr std::size_t operation_bytes = 8, bus_id_bytes = 32, path_bytes = 256, device_bytes = 312,
                             command_bytes = 48;

[[nodiscard]] constexpr std::uint32_t big_endian(std::span<const std::uint8_t> bytes, std::size_t at,
                                                 std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
        value = value << 8 | bytes[at + i];
    return value;
}

[[nodiscard]] constexpr std::uint16_t u16(std::span<const std::uint8_t> bytes, std::size_t at) {
    return static_cast<std::uint16_t>(big_endian(bytes, at, 2));
}

[[nodiscard]] constexpr std::uint32_t u32(std::span<const std::uint8_t> bytes, std::size_t at) {
    return big_endian(bytes, at, 4);
}

class Writer {
  public:
    Writer& u8(std::uint8_t value) {
        bytes_.push_back(value);
        return *this;
    }
    Writer& u16(std::uint16_t value) {
        return u8(static_cast<std::uint8_t>(value >> 8)).u8(static_cast<std::uint8_t>(value));
    }
    Writer& u32(std::uint32_t value) {
        return u16(static_cast<std::uint16_t>(value >> 16)).u16(static_cast<std::uint16_t>(value));
    }
    Writer& zeroes(std::size_t count) {
        bytes_.resize(bytes_.size() + count);
        return *this;
    }
    /// `text`, cut so that a zero follows it, in a field of `size` bytes.
    Writer& text(std::string_view text, std::size_t size) {
        const auto shown = text.substr(0, size - 1);
        bytes_.insert(bytes_.end(), shown.begin(), shown.end());
        return zeroes(size - shown.size());
    }
    Writer& append(std::span<const std::uint8_t> bytes) {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
        return *this;
    }
    [[nodiscard]] std::vector<std::uint8_t> done() { return std::move(bytes_); }

  private:
    std::vector<std::uint8_t> bytes_;
};

}  // namespace flasher::usbip
