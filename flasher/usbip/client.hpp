// SPDX-License-Identifier: ISC
// Boards that a USB/IP server lends, used from this process: no kernel module, no root.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "flasher/bus.hpp"

namespace flasher::usbip {

/// The port that is registered for USB/IP.
inline constexpr std::uint16_t usual_port = 3240;

struct ServerAddress {
    std::string host;
    std::uint16_t port = usual_port;

    /// Reads "HOST", "HOST:PORT", ":PORT" (this machine), "[IPV6]" and "[IPV6]:PORT". Throws std::invalid_argument.
    [[nodiscard]] static ServerAddress parse(std::string_view text);
    [[nodiscard]] std::string text() const;
};

/// Nothing is connected before the bus is used.
[[nodiscard]] std::unique_ptr<Bus> open_server(const ServerAddress& server);

}  // namespace flasher::usbip
