// SPDX-License-Identifier: ISC
// dapboot read, verify and reset: what can be done with a board without changing it.
#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "flasher/commands/commands.hpp"
#include "flasher/commands/exit_codes.hpp"
#include "flasher/commands/image_options.hpp"
#include "flasher/commands/output.hpp"
#include "flasher/platform/platform.hpp"
#include "flasher/terminal/terminal.hpp"

namespace flasher::commands {
namespace {

constexpr std::size_t largest_flash = 1U << 20;

struct Options {
    Selection selection;
    ImageOptions image;
    std::filesystem::path file;
    std::string format;
    bool wait = false, runtime = false, json = false, whole = false, overwrite = false;
};

void add_common(CLI::App& command, Options& options) {
    command.add_flag("--wait", options.wait, "wait for a board to be plugged in");
    command.add_flag("--runtime", options.runtime, "ask a running application for its bootloader first");
    command.add_flag("--json", options.json, "an event on each line, for machines");
    add_selection(command, options.selection);
}

/// The board in its bootloader, shown.
Board open_bootloader(const Options& options, Bus& bus) {
    platform::catch_interrupts();
    auto board = choose_board(bus, options.selection, options.wait, options.runtime);
    if (!is_bootloader(board.info)) {
        enter_bootloader(*board.transport, board.info);
        board.info = read_device_info(*board.transport);
    }
    if (options.json) {
        auto event = json_of(board);
        event["event"] = "device";
        print_event(event);
    } else {
        print_board(board, std::nullopt);
    }
    return board;
}

std::unique_ptr<ProgressView> view_of(const Options& options) {
    return options.json ? json_view() : single_view();
}

FlashOptions flash_options(const Options& options) {
    FlashOptions flash;
    flash.target = target_options(options.image);
    flash.application_part = options.image.application_part;
    flash.interrupted = platform::interrupted;
    return flash;
}

// --- read ----------------------------------------------------------------------------------------

ImageFormat wanted_format(const Options& options) {
    if (!options.format.empty()) return parse_format(options.format);
    if (const auto format = format_of_extension(options.file)) return *format;
    throw CommandError(ExitCode::usage, fmt::format("the name {} does not tell a format; add --format bin",
                                                    options.file.filename().string()));
}

void read_command(const Options& options) {
    const auto format = wanted_format(options);
    const auto bus = open_bus(options.selection);
    auto board = open_bootloader(options, *bus);
    const auto flash = flash_options(options);
    auto target = choose_target(board.info, flash.target);
    const auto view = view_of(options);
    const auto row = view->add(board.attached.location);
    Image image{.format = format,
                .bytes = read(*board.transport, target, target.room.value_or(largest_flash), flash,
                              [&](const StepProgress& one) { view->show(row, one); }),
                .base = target.base,
                .suffix = DfuSuffix{.idVendor = board.info.device.idVendor, .idProduct = board.info.device.idProduct}};
    const std::size_t held = image.bytes.size();
    if (!options.whole)
        while (!image.bytes.empty() && image.bytes.back() == 0xFF)
            image.bytes.pop_back();
    if (image.bytes.empty()) {
        view->finish(row, false, "");
        throw CommandError(ExitCode::behaviour, "the device's flash is blank; there is no application to read");
    }
    write_file(options.file, write_image(image, format), options.overwrite);
    const auto sentence = fmt::format(
        "{} bytes into {} ({}){}", image.bytes.size(), options.file.string(), name_of(format),
        held > image.bytes.size() ? fmt::format("; the {} bytes behind them are blank", held - image.bytes.size())
                                  : "");
    view->finish(row, true, sentence);
    if (options.json)
        print_event({{"event", "result"}, {"ok", true}, {"bytes", image.bytes.size()}, {"message", sentence}});
}

// --- verify --------------------------------------------------------------------------------------

void verify_command(const Options& options) {
    const auto image = load_image(options.file);
    const auto bus = open_bus(options.selection);
    auto board = open_bootloader(options, *bus);
    const auto view = view_of(options);
    const auto row = view->add(board.attached.location);
    try {
        const auto target = verify(*board.transport, board.info, image, flash_options(options),
                                   [&](const StepProgress& one) { view->show(row, one); });
        static_cast<void>(target);
    } catch (...) {
        view->finish(row, false, "");
        throw;
    }
    const auto sentence =
        fmt::format("the board holds {}, all {} bytes", options.file.filename().string(), image.bytes.size());
    view->finish(row, true, sentence);
    if (options.json)
        print_event({{"event", "result"}, {"ok", true}, {"bytes", image.bytes.size()}, {"message", sentence}});
}

// --- reset ---------------------------------------------------------------------------------------

void reset_command(const Options& options) {
    const auto bus = open_bus(options.selection);
    auto board = open_bootloader(options, *bus);
    const auto target = choose_target(board.info, target_options(options.image));
    DfuClient client(*board.transport, target.interface);
    client.prepare();
    client.leave();
    constexpr auto limit = std::chrono::milliseconds(1'500), return_limit = std::chrono::milliseconds(700);
    if (!board.transport->wait_until_gone(limit))
        throw CommandError(ExitCode::behaviour, "the device stays in its bootloader; press its reset button");
    if (board.transport->reopen(return_limit) && is_bootloader(read_device_info(*board.transport)))
        throw CommandError(ExitCode::behaviour,
                           "the bootloader started again: there is no application that can run, or BOOT1 is at 1");
    if (options.json)
        print_event({{"event", "result"}, {"ok", true}, {"message", "application started"}});
    else
        fmt::print("  {} application started\n", terminal::painted(terminal::Paint::good, terminal::tick()));
}

}  // namespace

void add_read(CLI::App& app) {
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("read", "read the application off a board into a file");
    command->add_option("file", options->file, "its extension chooses the format")->required()->type_name("FILE");
    command->add_option("--format", options->format, "bin, hex, srec, elf, uf2 or dfu")->type_name("F");
    command->add_flag("--whole", options->whole, "with the blank flash behind the application");
    command->add_flag("--overwrite", options->overwrite, "replace a file that is there already");
    add_image_options(*command, options->image);
    add_common(*command, *options);
    command->callback([options] { read_command(*options); });
}

void add_verify(CLI::App& app) {
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("verify", "compare a board's application with a file");
    command->add_option("file", options->file, ".bin .hex .srec .elf .uf2 or .dfu")->required()->type_name("FILE");
    add_image_options(*command, options->image);
    add_common(*command, *options);
    command->callback([options] { verify_command(*options); });
}

void add_reset(CLI::App& app) {
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("reset", "send a board from its bootloader to its application");
    command->add_option("--alt", options->image.alternate, "alternate setting, where there are several")
        ->type_name("N");
    add_common(*command, *options);
    command->callback([options] { reset_command(*options); });
}

}  // namespace flasher::commands
