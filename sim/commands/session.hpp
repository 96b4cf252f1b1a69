// SPDX-License-Identifier: ISC
// What all commands share: the options that choose a board, and a powered board with a host at its port.
#pragma once

#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "sim/board/boards.hpp"
#include "sim/board/machine.hpp"
#include "sim/board/waveform.hpp"
#include "sim/serve/served_board.hpp"
#include "sim/usb/host.hpp"

namespace CLI {
class App;
}

namespace sim::commands {

struct BoardOptions {
    std::filesystem::path firmware;
    std::string board = "bluepill";
    unsigned flash_kib = 0;  ///< 0: what the board carries.
    bool lenient = false;
    bool strict = false;
    std::vector<std::string> with;  ///< Variations of the board.
    bool slow_flash = false;
    bool button = false;
    bool boot0 = false;
    bool probe = false;             ///< Something may come that brings a blank chip to life.
    std::vector<std::string> load;  ///< FILE or FILE@ADDRESS, after the firmware.
};

/// Adds --board, --with, --flash-size, --lenient, --strict, --slow-flash, --button, --load; the firmware is up to the
/// command.
void add_board_options(CLI::App& app, BoardOptions& options);

/// The board that was chosen. Throws UsageError; loading throws flasher::ImageError, too.
[[nodiscard]] serve::BoardSetup board_setup(const BoardOptions& options);

/// Throws flasher::ImageError when `file` is not there, naming what it should have been.
void require_file(const std::filesystem::path& file, const std::string& role);

/// A board with its files loaded, power not yet on. Throws UsageError, flasher::ImageError.
class Session {
  public:
    /// `wave`, where there is one, outlives the session and gets a recording of it.
    explicit Session(const BoardOptions& options, std::ostream* wave = nullptr);

    /// Power comes, with the button held if asked for.
    void power_on();

    [[nodiscard]] Machine& machine() { return machine_; }
    [[nodiscard]] UsbHost& host() { return host_; }
    /// The recording, where there is one.
    [[nodiscard]] std::optional<Waveform>& waveform() { return waveform_; }
    [[nodiscard]] const Board& board() const { return setup_.board; }

  private:
    serve::BoardSetup setup_;
    Machine machine_;
    std::optional<Waveform> waveform_;
    UsbHost host_;
};

}  // namespace sim::commands
