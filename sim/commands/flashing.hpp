// SPDX-License-Identifier: ISC
// One download as the commands show it: device found, image judged, progress, ending.
#pragma once

#include <filesystem>
#include <optional>

#include "flasher/device_info.hpp"
#include "flasher/dfu_client.hpp"
#include "flasher/image.hpp"
#include "sim/commands/session.hpp"
#include "sim/usb/dfu_transport.hpp"

namespace sim::commands {

/// Waits for the board's device and enumerates it. Throws EnumerationError that says what on this board may be the
/// reason; flasher::DescriptorError.
[[nodiscard]] EnumeratedDevice find_device(Session& session);

/// The first DFU-mode alternate setting, or the one with this number. Throws BehaviourError when
/// there is none.
[[nodiscard]] const flasher::InterfaceDescriptor& choose_interface(const flasher::DeviceInfo& info,
                                                                   std::optional<unsigned> alternate);

/// Where a device of dapboot puts an application, known by its product string; nothing for other
/// devices.
[[nodiscard]] std::optional<flasher::Region> application_region(const flasher::DeviceInfo& info,
                                                                const ChipVariant& chip);

/// Nothing when the image is for this device and can run there, else a sentence that says why not and what to do.
[[nodiscard]] std::optional<std::string> complaint_about(const flasher::Image& image, const flasher::DeviceInfo& info,
                                                         const ChipVariant& chip);

/// Sends `image` with a progress bar and prints how it ended. Throws flasher::DfuError.
flasher::Ending download_with_progress(UsbHost& host, HostTransport& transport,
                                       const flasher::InterfaceDescriptor& interface, const flasher::Image& image);

}  // namespace sim::commands
