// SPDX-License-Identifier: ISC
// Where on a device an image goes: which alternate setting, from which address on, and how much room there is. The
// device says it, in this order: its capability, what it sends on UPLOAD, the names of its alternate settings, its
// product name.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "flasher/device_info.hpp"
#include "flasher/dfu_client.hpp"
#include "flasher/image.hpp"

namespace flasher {

/// No image can be sent to the device, or not without being told more. what() says why and what to do.
class TargetError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Who said a figure.
enum class Source { nobody, person, capability, upload, alternate_name, product_name };
[[nodiscard]] std::string_view name_of(Source source);

struct Target {
    InterfaceDescriptor interface;
    std::string interface_name;
    std::optional<std::uint32_t> base;  ///< Address of the image's first byte.
    Source base_from = Source::nobody;
    std::optional<std::uint32_t> room;  ///< Bytes from there on.
    Source room_from = Source::nobody;

    /// For check_runnable(); nothing where the base is not known. Unknown room is what the largest STM32F103 has.
    [[nodiscard]] std::optional<Region> region() const;
};

struct TargetOptions {
    std::optional<unsigned> alternate;  ///< Instead of the choice by name.
    std::optional<std::uint32_t> base;  ///< Where a person says that the device puts the image.
    /// First address behind the flash, where whoever asks knows the chip; the device's own word counts more.
    std::optional<std::uint32_t> flash_end;
};

/// Whether the device runs a DFU bootloader; whether an application with a DFU interface that leads to one.
[[nodiscard]] bool is_bootloader(const DeviceInfo& info);
[[nodiscard]] bool has_runtime_dfu(const DeviceInfo& info);
/// Whether the bootloader is dapboot or its ancestor of the same name.
[[nodiscard]] bool is_dapboot(const DeviceInfo& info);

/// Chooses by descriptors alone; `image_base` decides among alternates that name addresses. Throws TargetError.
[[nodiscard]] Target choose_target(const DeviceInfo& info, const TargetOptions& options,
                                   std::optional<std::uint32_t> image_base = {});

/// Finds out by UPLOAD what the descriptors leave open, where the device offers it. Throws DfuError.
void measure(Target& target, const DeviceInfo& info, Transport& transport);

}  // namespace flasher
