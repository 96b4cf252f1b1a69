// SPDX-License-Identifier: ISC
// What a USB/IP client sends, written down by hand from Linux's Documentation/usb/usbip_protocol.rst: on purpose not
// with the server's own code.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace sim::serve::usbip::test {

using Octets = std::vector<std::uint8_t>;

inline void put32(Octets& to, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8)
        to.push_back(static_cast<std::uint8_t>(value >> shift));
}

inline Octets list_request() {
    return {0x01, 0x11, 0x80, 0x05, 0, 0, 0, 0};
}

inline Octets import_request(const std::string& bus_id) {
    Octets bytes;
    put32(bytes, 0x0111'8003);
    put32(bytes, 0);
    for (const char c : bus_id)
        bytes.push_back(static_cast<std::uint8_t>(c));
    bytes.resize(8 + 32);
    return bytes;
}

/// The fields of USBIP_CMD_SUBMIT that tests vary.
struct Command {
    std::uint32_t command = 1;
    std::uint32_t sequence = 1;
    std::uint32_t devid = 0x0001'0002;
    std::uint32_t direction = 0;
    std::uint32_t endpoint = 0;
    std::uint32_t flags = 0;
    std::uint32_t length = 0;
    std::uint32_t packets = 0;
    std::uint32_t interval = 0;
    std::array<std::uint8_t, 8> setup{};
    Octets payload;
};

inline Octets bytes_of(const Command& command) {
    Octets bytes;
    for (const auto word : {command.command, command.sequence, command.devid, command.direction, command.endpoint,
                            command.flags, command.length, std::uint32_t{0}, command.packets, command.interval})
        put32(bytes, word);
    bytes.insert(bytes.end(), command.setup.begin(), command.setup.end());
    bytes.insert(bytes.end(), command.payload.begin(), command.payload.end());
    return bytes;
}

inline Command control_in(std::uint32_t sequence, std::array<std::uint8_t, 8> setup) {
    return {.sequence = sequence,
            .direction = 1,
            .length = static_cast<std::uint32_t>(setup[6] | setup[7] << 8),
            .setup = setup,
            .payload = {}};
}

inline Octets unlink(std::uint32_t sequence, std::uint32_t target) {
    return bytes_of({.command = 2, .sequence = sequence, .flags = target, .payload = {}});
}

inline std::uint32_t word_at(const Octets& bytes, std::size_t at) {
    return static_cast<std::uint32_t>(bytes.at(at) << 24 | bytes.at(at + 1) << 16 | bytes.at(at + 2) << 8 |
                                      bytes.at(at + 3));
}

}  // namespace sim::serve::usbip::test
