// SPDX-License-Identifier: ISC
// The USB of this machine, by libusb.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "flasher/bus.hpp"

namespace flasher {

/// Bytes of the longest data stage of a control transfer that systems carry: what Linux's usbfs and WinUSB take.
constexpr std::size_t usb_longest_data_stage = 4096;

/// Throws BusError when libusb does not start.
[[nodiscard]] std::unique_ptr<Bus> open_usb();

/// What stands between a person and a device, as far as the system tells; for `dapboot doctor`.
struct UsbDiagnosis {
    Attached device;
    std::string node;                       ///< Of the system, such as /dev/bus/usb/001/005; empty where there is none.
    std::optional<BusError::Kind> problem;  ///< That opening met.
    std::string sentence;                   ///< About the problem.
    std::string driver;                     ///< Of the kernel, bound to the DFU interface; empty without.
};
[[nodiscard]] std::vector<UsbDiagnosis> diagnose_usb();
/// Version of libusb, such as "1.0.26".
[[nodiscard]] std::string libusb_version();

}  // namespace flasher
