// SPDX-License-Identifier: ISC
// One board, from whatever state it is in to the application that runs: what `dapboot flash` does once or many times.
#pragma once

#include <string>

#include "flasher/commands/devices.hpp"
#include "flasher/commands/exit_codes.hpp"
#include "flasher/commands/output.hpp"
#include "flasher/session.hpp"

namespace flasher::commands {

struct BoardResult {
    std::string location, serial, product, version;
    ExitCode code = ExitCode::success;
    std::string sentence;  ///< What was achieved, or why not.
    double seconds = 0;
    std::size_t bytes = 0;
    bool verified = false;

    [[nodiscard]] bool good() const { return code == ExitCode::success; }
};

struct BoardOptions {
    FlashOptions flash;
    bool runtime = false;  ///< Ask a running application for its bootloader, and wait for one afterwards.
};

/// Flashes a board that is open. Never throws: what failed is in the result.
[[nodiscard]] BoardResult flash_board(Board& board, const Image& image, const BoardOptions& options,
                                      const Observer& observer);

/// The result as an event of --json.
[[nodiscard]] Json json_of(const BoardResult& result);

}  // namespace flasher::commands
