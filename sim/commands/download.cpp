// SPDX-License-Identifier: ISC
// dapboot-sim download: powers a board and sends an image to its DFU bootloader.
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/commands/commands.hpp"
#include "sim/commands/exit_codes.hpp"
#include "sim/commands/flashing.hpp"
#include "sim/commands/session.hpp"
#include "sim/commands/terminal.hpp"

namespace sim::commands {
namespace {

struct DownloadOptions {
    BoardOptions board;
    std::filesystem::path image;
    std::optional<unsigned> alternate;
    bool force = false, no_verify = false;
};

void download(const DownloadOptions& options) {
    require_file(options.image, "image");
    const auto image = flasher::load_image(options.image);
    Session session(options.board);
    session.power_on();
    HostTransport transport(session.host(), find_device(session));
    const auto info = flasher::read_device_info(transport);
    fmt::print("{}, {} bytes for {} {:04x}:{:04x}\n", flasher::name_of(image.format), image.bytes.size(), info.product,
               info.device.idVendor, info.device.idProduct);
    flasher::FlashOptions flash;
    flash.target.alternate = options.alternate;
    flash.force = options.force;
    flash.verify = !options.no_verify;
    flash_with_progress(session.host(), transport, session.board().chip, info, image, flash);
}

}  // namespace

void add_download(CLI::App& app) {
    auto options = std::make_shared<DownloadOptions>();
    auto* command = app.add_subcommand("download", "send an image to the board's DFU bootloader");
    command->add_option("firmware", options->board.firmware, "bootloader: .bin, .hex or .elf")->required();
    command->add_option("image", options->image, "what to send: .bin, .hex, .elf or .dfu")->required();
    command->add_option("--alt", options->alternate, "alternate setting; default: the first of DFU mode");
    command->add_flag("--no-verify", options->no_verify, "do not read the image back");
    command->add_flag("--force", options->force, "send what cannot run there, too");
    add_board_options(*command, options->board);
    command->callback([options] { download(*options); });
}

}  // namespace sim::commands
