// SPDX-License-Identifier: ISC
// The whole story: decide on the internal oscillator; start the application untouched, or become a DFU device.
//
// Nothing is switched on before the decision that would have to be switched off again, RAM is not even cleared. From
// DFU there is one way to the application, a system reset, so that it always finds the chip as after power-on.

#include "boot/bootloader.hpp"

extern "C" [[noreturn]] void reset() {
    using namespace boot;
    const Inputs inputs = read_inputs<board.button, board.command, board.options>(Update::application_is_whole());
    if (decide(inputs) == Decision::start_application) {
        start_watchdog<board.options.watchdog_seconds>();
        start_application(config::application_base, Update::installed_vectors());
    }
    become_dfu_device();
    for (;;) {
        chip::feed_watchdog();  // in case the option bytes started it
        if (control.poll()) {
            drivers::start_timer(quiet_time);
        } else if (drivers::time_is_over()) {
            bus_is_quiet();
        }
    }
}
