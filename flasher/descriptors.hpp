// SPDX-License-Identifier: ISC
// Pure parsers of USB descriptors: bytes in, values out, DescriptorError when the bytes contradict themselves.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "flasher/bytes.hpp"
#include "flasher/dfu_protocol.hpp"

namespace flasher {

/// A descriptor that is too short, overruns its container or has the wrong type. what() says which
/// and where.
class DescriptorError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// USB 2.0 section 9.6.1; field names as there.
struct DeviceDescriptor {
    std::uint16_t bcdUSB = 0;
    std::uint8_t bDeviceClass = 0;
    std::uint8_t bDeviceSubClass = 0;
    std::uint8_t bDeviceProtocol = 0;
    std::uint8_t bMaxPacketSize0 = 0;
    std::uint16_t idVendor = 0;
    std::uint16_t idProduct = 0;
    std::uint16_t bcdDevice = 0;
    std::uint8_t iManufacturer = 0;
    std::uint8_t iProduct = 0;
    std::uint8_t iSerialNumber = 0;
    std::uint8_t bNumConfigurations = 0;
};

/// One alternate setting of an interface, USB 2.0 section 9.6.5.
struct InterfaceDescriptor {
    std::uint8_t bInterfaceNumber = 0;
    std::uint8_t bAlternateSetting = 0;
    std::uint8_t bNumEndpoints = 0;
    std::uint8_t bInterfaceClass = 0;
    std::uint8_t bInterfaceSubClass = 0;
    std::uint8_t bInterfaceProtocol = 0;
    std::uint8_t iInterface = 0;
    std::optional<DfuFunctional> functional;  ///< The DFU functional descriptor that follows it, if any.

    /// Class FE, subclass 01: run-time (protocol 1) or DFU mode (protocol 2), DFU 1.1
    /// sections 4.1.2 and 4.2.3.
    [[nodiscard]] bool is_dfu() const { return bInterfaceClass == 0xFE && bInterfaceSubClass == 1; }
    [[nodiscard]] bool is_dfu_mode() const { return is_dfu() && bInterfaceProtocol == 2; }
};

/// USB 2.0 section 9.6.3, with its interfaces in the order in which the device sends them.
struct ConfigurationDescriptor {
    std::uint8_t bConfigurationValue = 0;
    std::uint8_t iConfiguration = 0;
    std::uint8_t bmAttributes = 0;
    unsigned max_milliamperes = 0;
    std::vector<InterfaceDescriptor> interfaces;
};

/// A platform capability of the BOS, USB 3.2 section 9.6.2.4: UUID as sent, then the capability's
/// own bytes.
struct PlatformCapability {
    std::array<std::uint8_t, 16> uuid{};
    std::vector<std::uint8_t> data;

    [[nodiscard]] bool is_webusb() const;
    [[nodiscard]] bool is_microsoft_os_20() const;
    [[nodiscard]] bool is_dapboot() const;
};

/// What a dapboot bootloader says about the flash that it manages (docs/capability.md).
struct DapbootCapability {
    enum class Layout : std::uint8_t { standard = 0, high_memory = 1 };

    std::uint16_t bcdCapability = 0;
    Layout layout = Layout::standard;
    std::uint32_t page_size = 0;         ///< Bytes.
    std::uint32_t application_base = 0;  ///< Address of the first byte of an application.
    std::uint32_t application_end = 0;   ///< First address behind the flash that an application may fill.

    bool operator==(const DapbootCapability&) const = default;
};

/// Reads 18 bytes. Throws DescriptorError.
[[nodiscard]] DeviceDescriptor parse_device(Bytes bytes);

/// Reads a whole configuration, wTotalLength bytes. A functional descriptor applies to its
/// alternate setting and to all others of the same interface that bring none. Throws
/// DescriptorError.
[[nodiscard]] ConfigurationDescriptor parse_configuration(Bytes bytes);

/// wTotalLength out of the first 9 bytes of a configuration or the first 5 of a BOS. Throws
/// DescriptorError.
[[nodiscard]] std::uint16_t total_length(Bytes bytes);

/// A string descriptor (not index 0) as UTF-8; unpaired surrogates become U+FFFD. Throws
/// DescriptorError.
[[nodiscard]] std::string parse_string(Bytes bytes);

/// The platform capabilities of a whole BOS; others are skipped. Throws DescriptorError.
[[nodiscard]] std::vector<PlatformCapability> parse_bos(Bytes bytes);

/// The fields of a capability that is_dapboot(). A newer one may be longer. Throws DescriptorError, also where the
/// fields contradict each other.
[[nodiscard]] DapbootCapability parse_dapboot_capability(const PlatformCapability& capability);

/// A WebUSB URL descriptor as "https://…" text (WebUSB section 4.3.1). Throws DescriptorError.
[[nodiscard]] std::string parse_url(Bytes bytes);

/// The DFU-mode alternate settings of a configuration (DFU 1.1 section 4.2.3), in the device's
/// order.
[[nodiscard]] std::vector<InterfaceDescriptor> dfu_interfaces(const ConfigurationDescriptor&);

}  // namespace flasher
