// SPDX-License-Identifier: ISC
// Boards from the command line.
#include "sim/commands/session.hpp"

#include <charconv>
#include <cstdint>
#include <functional>
#include <map>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "flasher/base_estimate.hpp"
#include "flasher/image.hpp"
#include "flasher/terminal/nearest.hpp"
#include "sim/commands/exit_codes.hpp"
#include "sim/commands/terminal.hpp"
#include "sim/commands/variations.hpp"

namespace sim::commands {
namespace {

Board choose_board(const BoardOptions& options) {
    const Board* found = find_board(flasher::terminal::lower_case(options.board));
    if (found == nullptr) {
        std::vector<std::string> known;
        for (const auto& one : boards())
            known.push_back(one.id);
        throw UsageError(fmt::format("there is no board '{}'{}; choose one of: {}", options.board,
                                     flasher::terminal::suggestion(options.board, known), fmt::join(known, " ")));
    }
    Board board = *found;
    if (options.button && !board.wiring.has_button)
        throw UsageError(fmt::format("board '{}' has no button to hold", board.id));
    for (const std::string& variation : options.with)
        apply_variation(board, variation);
    if (options.flash_kib != 0) board.chip = with_flash_size(board.chip, options.flash_kib);
    return board;
}

bool is_power_of_ten(std::uint64_t number) {
    while (number % 10 == 0)
        number /= 10;
    return number == 1;
}

/// Says on standard error what a machine notes. A program that crashes and starts over notes the same for ever: that is
/// said the first time, the tenth, the hundredth, and so on.
std::function<void(const std::string&)> notes() {
    return [said = std::map<std::string, std::uint64_t>{}](const std::string& line) mutable {
        constexpr std::size_t most = 1000;
        if (said.size() >= most && !said.contains(line)) said.clear();
        const auto times = ++said[line];
        if (is_power_of_ten(times))
            fmt::print(stderr, "note: {}{}\n", line, times == 1 ? "" : fmt::format(", for the {}th time", times));
    };
}

MachineOptions machine_options(const BoardOptions& options) {
    if (options.strict && options.lenient) throw UsageError("--strict and --lenient exclude each other");
    return {.lenient = options.lenient,
            .strict = options.strict,
            .flash_timing = options.slow_flash ? maximum_flash : typical_flash,
            .probe_may_attach = options.probe,
            .log = notes()};
}

/// 0x08002000, or a decimal number.
std::uint32_t parse_address(std::string_view text) {
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    const auto digits = hex ? text.substr(2) : text;
    std::uint32_t address = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address, hex ? 16 : 10);
    if (error != std::errc{} || end != digits.data() + digits.size())
        throw UsageError(fmt::format("'{}' is not an address; write FILE@0x08002000", text));
    return address;
}

/// FILE or FILE@ADDRESS. A file that does not know its address would go to the start of the flash, over the firmware.
void load_at(Machine& machine, const std::string& argument) {
    const auto at = argument.rfind('@');
    const std::string file = argument.substr(0, at);
    require_file(file, "image");
    if (at != std::string::npos) return machine.load(file, parse_address(std::string_view(argument).substr(at + 1)));
    const auto image = flasher::load_image(file);
    if (!image.base) {
        const auto base = flasher::estimate_base(image.bytes);
        const auto where =
            base ? fmt::format("seems to be linked for {:#010x}", *base) : "does not say where it belongs";
        throw UsageError(fmt::format("{} is a {} and {}; write --load {}@{}", file, flasher::name_of(image.format),
                                     where, file, base ? fmt::format("{:#010x}", *base) : "ADDRESS"));
    }
    machine.load(file);
}

void load_files(Machine& machine, const BoardOptions& options) {
    if (!options.firmware.empty()) {
        require_file(options.firmware, "firmware");
        machine.load(options.firmware);
    }
    for (const auto& one : options.load)
        load_at(machine, one);
}

}  // namespace

serve::BoardSetup board_setup(const BoardOptions& options) {
    return {.board = choose_board(options),
            .options = machine_options(options),
            .load = [options](Machine& machine) { load_files(machine, options); },
            .button_held = options.button,
            .boot0_high = options.boot0};
}

void add_board_options(CLI::App& app, BoardOptions& options) {
    app.add_option("--board", options.board, "board by id, such as bluepill, maplemini, stm32f103")
        ->capture_default_str();
    app.add_option("--flash-size", options.flash_kib, "flash in KiB: 64, 128, 256 or 512; default: as the board");
    app.add_flag("--lenient", options.lenient, "log what the chip model refuses, and go on");
    app.add_flag("--strict", options.strict,
                 "refuse SYSCLK over 72 MHz and PCLK1 over 36, which a chip may stand or not");
    app.add_option("--with", options.with, variation_help());
    app.add_flag("--slow-flash", options.slow_flash, "the datasheet's maximum flash times instead of the typical");
    app.add_flag("--button", options.button, "hold the board's button while power comes");
    app.add_option("--load", options.load, "another file for the flash: FILE, or FILE@0x08002000 for a plain binary");
}

void require_file(const std::filesystem::path& file, const std::string& role) {
    if (std::filesystem::is_regular_file(file)) return;
    if (std::filesystem::is_directory(file))
        throw flasher::ImageError(fmt::format("{} is a directory; name the {} in it", file.string(), role));
    throw flasher::ImageError(
        fmt::format("{}: there is no such file; build the {}, or correct its path", file.string(), role));
}

Session::Session(const BoardOptions& options, std::ostream* wave)
    : setup_(board_setup(options)),
      machine_(setup_.board.chip, setup_.board.wiring, setup_.options),
      waveform_(wave == nullptr ? std::nullopt
                                : std::optional<Waveform>(std::in_place, machine_, setup_.options.flash_timing, *wave)),
      host_(waveform_ ? *waveform_ : machine_.usb(), machine_) {
    setup_.load(machine_);
}

void Session::power_on() {
    if (setup_.button_held) machine_.press_button(true);
    machine_.power_on();
}

}  // namespace sim::commands
