// SPDX-License-Identifier: ISC
// Which devices a command is about.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flasher/bus.hpp"
#include "flasher/device_info.hpp"

namespace CLI {
class App;
}

namespace flasher::commands {

/// What every command that uses devices understands.
struct Selection {
    std::string usbip;     ///< HOST:PORT of a server; empty: the USB of this machine.
    std::string serial;    ///< All of a serial number, or its end.
    std::string device;    ///< VID:PID.
    std::string location;  ///< Such as "1-4".
};
void add_selection(CLI::App& command, Selection& selection);
/// Only --usbip.
void add_usbip(CLI::App& command, Selection& selection);

/// A device in use.
struct Board {
    Attached attached;
    std::unique_ptr<Transport> transport;
    DeviceInfo info;

    /// "DAPBoot DFU Bootloader, serial 3944…".
    [[nodiscard]] std::string title() const;
};

/// The bus of the selection. Throws BusError, std::invalid_argument.
[[nodiscard]] std::unique_ptr<Bus> open_bus(const Selection& selection);

/// Whether ids and location fit, without opening anything; whether the serial number does.
[[nodiscard]] bool fits(const Selection& selection, const Attached& attached);
[[nodiscard]] bool fits(const Selection& selection, const DeviceInfo& info);

/// Opens a device and reads what it says. Throws BusError, DeviceInfoError, DescriptorError.
[[nodiscard]] Board open_board(Bus& bus, const Attached& attached);

/// Every device that fits, as far as it could be opened.
struct Boards {
    std::vector<Board> bootloaders;
    std::vector<Board> applications;  ///< With a DFU interface that leads to the bootloader.
    struct Problem {
        Attached attached;
        BusError::Kind kind;
        std::string sentence;
    };
    std::vector<Problem> problems;  ///< Those that could not.
};
[[nodiscard]] Boards open_boards(Bus& bus, const Selection& selection);

/// The one board that fits: a bootloader; an application only where there is none and `runtime` allows it. Throws
/// CommandError when there is none or more than one, saying how to choose; `wait` waits for one until Ctrl-C.
[[nodiscard]] Board choose_board(Bus& bus, const Selection& selection, bool wait, bool runtime);

/// The sentence for a bus on which nothing fits.
[[nodiscard]] std::string nothing_found(const Bus& bus, const Selection& selection);

}  // namespace flasher::commands
