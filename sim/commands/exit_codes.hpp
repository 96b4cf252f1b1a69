// SPDX-License-Identifier: ISC
// Exit codes of dapboot-sim; --help lists the same.
#pragma once

#include <stdexcept>

namespace sim::commands {

enum class ExitCode : int {
    success = 0,
    usage = 1,      ///< The command line makes no sense.
    file = 2,       ///< A file is missing, unreadable or not an image, or not a script.
    firmware = 3,   ///< The program on the virtual board did what the chip cannot go on from.
    usb = 4,        ///< No device attached, or it failed enumeration.
    dfu = 5,        ///< The DFU session failed.
    behaviour = 6,  ///< All requests worked, and what had to follow did not happen.
};

inline constexpr const char* exit_code_help =
    "Exit codes: 0 success; 1 command line; 2 file missing or not an image; 3 the program on the board crashed or did\n"
    "what is not modelled; 4 no USB device, or enumeration failed; 5 the DFU session failed; 6 the board did not do\n"
    "what the command or a script expected. Failures are explained on standard error.";

/// Exit code `behaviour`. what() says what failed and what to do.
class BehaviourError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Exit code `usage`.
class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

}  // namespace sim::commands
