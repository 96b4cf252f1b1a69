// SPDX-License-Identifier: ISC
// Prints a device the way a person reads it.
#pragma once

#include "flasher/device_info.hpp"

namespace sim::commands {

/// A page: ids, strings, interfaces, DFU attributes, WebUSB, Microsoft OS descriptors.
void print_device(const flasher::DeviceInfo& info, unsigned address);

}  // namespace sim::commands
