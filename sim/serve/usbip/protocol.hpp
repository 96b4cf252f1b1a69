// SPDX-License-Identifier: ISC
// The messages of USB/IP, which the flasher's client speaks, too.
#pragma once

#include "flasher/usbip/protocol.hpp"

namespace sim::serve::usbip {
using namespace flasher::usbip;
}  // namespace sim::serve::usbip
