// SPDX-License-Identifier: ISC
// Images that replace the bootloader: applications which bring another one (docs/replace.md).
#pragma once

#include <optional>
#include <string>

#include "flasher/device_info.hpp"
#include "flasher/image.hpp"

namespace flasher {

/// What an installer image says of the bootloader that it brings (docs/capability.md).
struct InstalledBootloader {
    std::uint16_t bcdDevice = 0;
    DapbootCapability::Layout layout = DapbootCapability::Layout::standard;
    std::uint32_t page_size = 0;         ///< Bytes.
    std::uint32_t application_base = 0;  ///< Address of the first byte of an application.

    bool operator==(const InstalledBootloader&) const = default;
};

/// The bootloader that `image`, once it runs, puts in the place of the one that started it; nothing for every other
/// image.
[[nodiscard]] std::optional<InstalledBootloader> bootloader_in(const Image& image);

/// Whether a device that says `info` of itself has this bootloader.
[[nodiscard]] bool has_bootloader(const DeviceInfo& info, const InstalledBootloader& bootloader);

/// "dapboot 2.1.0, high-memory layout, applications from 0x08000000".
[[nodiscard]] std::string describe(const InstalledBootloader& bootloader);

}  // namespace flasher
