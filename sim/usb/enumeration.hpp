// SPDX-License-Identifier: ISC
// What an operating system does with a new device before any program sees it: the order of requests is Linux's.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <vector>

#include "flasher/descriptors.hpp"
#include "sim/usb/host.hpp"

namespace sim {

/// A device did not get through enumeration. what() says at which request, and how it failed.
class EnumerationError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// An addressed and configured device.
struct EnumeratedDevice {
    std::uint8_t address = 0;
    flasher::DeviceDescriptor device;
    std::vector<std::uint8_t> device_descriptor;         ///< 18 bytes as sent.
    std::vector<std::uint8_t> configuration_descriptor;  ///< wTotalLength bytes as sent.
    std::string product, serial_number;                  ///< UTF-8; empty where the device has none.

    /// Same descriptors, wherever addressed.
    [[nodiscard]] bool is_same_device(const EnumeratedDevice& other) const {
        return device_descriptor == other.device_descriptor &&
               configuration_descriptor == other.configuration_descriptor;
    }
};

/// Enumerates what is attached and past its debounce: reset, device descriptor with wLength 64 at
/// address 0 to learn bMaxPacketSize0, reset, SET_ADDRESS, device descriptor, BOS when bcdUSB says
/// there is one, configuration, device qualifier (which a full-speed device should stall), strings,
/// SET_CONFIGURATION. The host then talks to the device. Until the device has its address, up to
/// `attempts` are made; Linux makes four. Throws EnumerationError, flasher::DescriptorError.
[[nodiscard]] EnumeratedDevice enumerate(UsbHost& host, std::uint8_t new_address = 1, unsigned attempts = 4);

/// Resets an enumerated device and brings it back to its address and configuration, as a bus reset
/// asked for by a program does. Nothing when it does not come back, or comes back as another
/// device.
[[nodiscard]] std::optional<EnumeratedDevice> reset_and_restore(UsbHost& host, const EnumeratedDevice& before);

}  // namespace sim
