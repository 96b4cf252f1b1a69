// SPDX-License-Identifier: ISC
// Everything a device says about itself, read over a Transport the way a host does.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "flasher/descriptors.hpp"
#include "flasher/transport.hpp"

namespace flasher {

/// A standard request that must work (device or configuration descriptor) did not. what() says
/// which and how.
class DeviceInfoError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// WebUSB platform capability and what its vendor request answers (WebUSB section 4).
struct WebUsbInfo {
    std::uint16_t bcdVersion = 0;
    std::uint8_t bVendorCode = 0;
    std::uint8_t iLandingPage = 0;
    std::optional<std::string> landing_page;
};

/// Microsoft OS 1.0: the string 0xEE and the extended compatible ID of the DFU interface.
struct MicrosoftOs10Info {
    std::uint8_t vendor_code = 0;
    std::optional<std::string> compatible_id;
};

/// Microsoft OS 2.0: the capability and the features found anywhere in the descriptor set.
struct MicrosoftOs20Info {
    std::uint8_t vendor_code = 0;
    std::optional<std::string> compatible_id;
    std::optional<std::string> interface_guid;  ///< First of DeviceInterfaceGUIDs.
};

struct DeviceInfo {
    DeviceDescriptor device;
    ConfigurationDescriptor configuration;
    std::string manufacturer;
    std::string product;
    std::string serial_number;  ///< What tells it from others of its kind: that of all Maples, "LLM 003", is left out.
    std::vector<std::string> interface_names;  ///< One for each of configuration.interfaces; "" without.
    std::optional<WebUsbInfo> webusb;
    std::optional<MicrosoftOs10Info> microsoft_os_10;
    std::optional<MicrosoftOs20Info> microsoft_os_20;
    std::optional<DapbootCapability> dapboot;  ///< Where applications go; dapboot 2.1 and newer say it.
};

/// Reads all of it. A string, BOS or vendor request that stalls leaves its part empty; a missing
/// device or configuration descriptor throws DeviceInfoError, a malformed one DescriptorError.
[[nodiscard]] DeviceInfo read_device_info(Transport& transport);

/// A descriptor by GET_DESCRIPTOR (USB 2.0 section 9.4.3), at most `length` bytes; nothing when the
/// device stalls. Throws DeviceInfoError on any other outcome.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> get_descriptor(Transport& transport, std::uint8_t type,
                                                                      std::uint8_t index, std::uint16_t length,
                                                                      std::uint16_t language = 0);

}  // namespace flasher
