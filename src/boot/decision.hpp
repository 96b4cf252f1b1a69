// SPDX-License-Identifier: ISC
// Whether to start the application: a pure function of what was found at reset.
#pragma once

namespace boot {

struct Inputs {
    bool button_pressed;        ///< the user holds the button, or has set the jumper
    bool commanded;             ///< the application left the command word in a backup register
    bool hung;                  ///< the watchdog over the application has struck
    bool reset_twice;           ///< the user has reset the board twice in a row
    bool application_is_whole;  ///< there is something that can be started
};

enum class Decision { start_application, stay };

constexpr Decision decide(Inputs inputs) {
    if (inputs.commanded || inputs.button_pressed || inputs.hung || inputs.reset_twice) return Decision::stay;
    return inputs.application_is_whole ? Decision::start_application : Decision::stay;
}

}  // namespace boot
