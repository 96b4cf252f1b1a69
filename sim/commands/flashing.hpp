// SPDX-License-Identifier: ISC
// One flashing as the commands show it: the flasher's session, against virtual time.
#pragma once

#include "flasher/session.hpp"
#include "sim/commands/session.hpp"
#include "sim/usb/dfu_transport.hpp"

namespace sim::commands {

/// Waits for the board's device and enumerates it. Throws EnumerationError that says what on this board may be the
/// reason; flasher::DescriptorError.
[[nodiscard]] EnumeratedDevice find_device(Session& session);

/// Flashes `image` with a progress bar and prints how it ended. What the device does not tell of its
/// flash is taken from `chip`. Throws as flasher::flash().
flasher::FlashReport flash_with_progress(UsbHost& host, HostTransport& transport, const ChipVariant& chip,
                                         const flasher::DeviceInfo& info, const flasher::Image& image,
                                         flasher::FlashOptions options = {});

}  // namespace sim::commands
