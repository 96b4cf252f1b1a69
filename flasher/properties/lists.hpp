// SPDX-License-Identifier: ISC
// The parts of the list, each in a file named like it.
#pragma once

#include "flasher/properties/property.hpp"

namespace flasher::properties {

[[nodiscard]] std::span<const Property> states();       ///< Every request in every state.
[[nodiscard]] std::span<const Property> chapter9();     ///< Standard requests.
[[nodiscard]] std::span<const Property> descriptors();  ///< What the device says of itself.
[[nodiscard]] std::span<const Property> images();       ///< Images that cannot run here.
[[nodiscard]] std::span<const Property> blocks();       ///< Blocks of any length, in order and not.
[[nodiscard]] std::span<const Property> sessions();     ///< Downloads, what they touch, their time and their end.

}  // namespace flasher::properties
