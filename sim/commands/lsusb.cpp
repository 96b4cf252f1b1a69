// SPDX-License-Identifier: ISC
// dapboot-sim lsusb: powers a board and prints the device that appears.
#include <memory>

#include <CLI/CLI.hpp>

#include "sim/commands/commands.hpp"
#include "sim/commands/describe.hpp"
#include "sim/commands/flashing.hpp"
#include "sim/commands/session.hpp"
#include "sim/usb/dfu_transport.hpp"

namespace sim::commands {

void add_lsusb(CLI::App& app) {
    auto options = std::make_shared<BoardOptions>();
    auto* command = app.add_subcommand("lsusb", "enumerate the device and decode its descriptors");
    command->add_option("firmware", options->firmware, ".bin, .hex or .elf")->required();
    add_board_options(*command, *options);
    command->callback([options] {
        Session session(*options);
        session.power_on();
        HostTransport transport(session.host(), find_device(session));
        print_device(flasher::read_device_info(transport), transport.device().address);
    });
}

}  // namespace sim::commands
