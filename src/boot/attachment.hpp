// SPDX-License-Identifier: ISC
// Being seen on the bus, and being seen to leave: the pull-up on DP (USB 2.0 section 7.1.7.3).
#pragma once

#include "drivers/clock.hpp"
#include "drivers/pin.hpp"
#include "drivers/timer.hpp"

namespace boot {

inline constexpr config::Pin usb_dp{config::Port::A, 12};

template <config::UsbPullup pullup>
inline constexpr config::Port attachment_port = pullup.switched ? pullup.pin.port : usb_dp.port;

/** Takes the device off the bus. Where the pull-up cannot be switched, DP is held low against it. */
template <config::UsbPullup pullup>
void detach() {
    if constexpr (pullup.switched) {
        drivers::write(pullup.pin, drivers::opposite(pullup.connected));
        drivers::set_mode(pullup.pin, drivers::output(pullup.drive));
    } else {
        drivers::write(usb_dp, config::Level::low);
        drivers::change_mode(usb_dp, chip::PinMode::input_floating, chip::PinMode::output_push_pull_2MHz);
    }
    // A hub sees a disconnect within 2.5 us (TDDIS) and remembers it until the host asks.
    drivers::wait_cycles(drivers::system_clock / 1000 * 2);
}

template <config::UsbPullup pullup>
void attach() {
    if constexpr (pullup.switched) {
        drivers::write(pullup.pin, pullup.connected);
    } else {
        drivers::change_mode(usb_dp, chip::PinMode::output_push_pull_2MHz, chip::PinMode::input_floating);
    }
}

}  // namespace boot
