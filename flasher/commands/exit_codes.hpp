// SPDX-License-Identifier: ISC
// Exit codes of dapboot; --help and the manual list the same.
#pragma once

#include <stdexcept>
#include <string>

namespace flasher::commands {

enum class ExitCode : int {
    success = 0,
    usage = 1,      ///< The command line makes no sense, or does not say which of several boards is meant.
    file = 2,       ///< A file is missing, no image, not for this device, or cannot be written.
    denied = 3,     ///< The system or another program keeps the device away.
    no_device = 4,  ///< No device, or none that a DFU session is possible with.
    dfu = 5,        ///< The DFU session failed.
    behaviour = 6,  ///< All requests worked, and what had to follow did not: a difference, no application, a property.
    some_failed = 7,    ///< Of several boards, not all were flashed.
    interrupted = 130,  ///< Ctrl-C.
};

inline constexpr const char* exit_code_help =
    "Exit codes: 0 success; 1 command line; 2 file missing, no image, or not for this device;\n"
    "3 device in use or not permitted; 4 no device; 5 the DFU session failed; 6 the device did\n"
    "not do what had to follow; 7 some of several boards failed; 130 Ctrl-C. Failures are\n"
    "explained on standard error. All of it: man dapboot.";

/// Ends the program with a sentence and an exit code of its own.
class CommandError : public std::runtime_error {
  public:
    CommandError(ExitCode code, const std::string& what) : std::runtime_error(what), code_(code) {}
    [[nodiscard]] ExitCode code() const { return code_; }

  private:
    ExitCode code_;
};

/// An exit code and the sentence for it.
struct Failed {
    ExitCode code = ExitCode::file;
    std::string sentence;
};
/// Those of the exception that is being handled; for catch blocks.
[[nodiscard]] Failed current_failure();

}  // namespace flasher::commands
