// SPDX-License-Identifier: ISC
// One board. Read flash_and_start() first.
#include "flasher/commands/flashing.hpp"

#include <chrono>

#include <fmt/format.h>

#include "flasher/installer.hpp"

namespace flasher::commands {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds leave_limit{1'500}, application_limit{15'000};
/// A board that comes back as its bootloader (a jumper that is still set) is seen on the bus by then.
constexpr milliseconds return_limit{700};

/// An installer writes 4 KiB, which takes a quarter of a second, and starts the chip anew.
constexpr milliseconds installer_limit{5'000};

/// Waits for the bootloader that an installer has brought. The result is a clause; throws CommandError when another one
/// comes back, or none.
std::string watch_installer(Board& board, const InstalledBootloader& expected) {
    auto& transport = *board.transport;
    if (!transport.wait_until_gone(leave_limit))
        throw CommandError(ExitCode::behaviour,
                           "the installer is on the board, but the board did not leave its bootloader; press reset");
    const auto end = std::chrono::steady_clock::now() + installer_limit;
    bool other = false;
    for (;;) {
        const auto left = std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0 || !transport.reopen(left)) break;
        try {
            const auto info = read_device_info(transport);
            if (has_bootloader(info, expected))
                return fmt::format("the bootloader is replaced: {} waits for an application", version_of(info));
            other = true;
            transport.sleep(milliseconds(100));
        } catch (const std::runtime_error&) {
            other = false;  // it was seen just before it reset once more
        }
    }
    if (other)
        throw CommandError(ExitCode::behaviour,
                           "the installer is on the board, but the bootloader that came back is another one; set BOOT1 "
                           "back to 0 (or let go of the button) and press reset");
    throw CommandError(ExitCode::behaviour,
                       fmt::format("the installer is on the board, but no bootloader came back within {} s; its LED "
                                   "blinks in groups of 2, 3 or 4 for a protected chip, a wrong size or failing flash "
                                   "(see \"Replace an old bootloader\" in the documents)",
                                   installer_limit.count() / 1000));
}

/// What runs afterwards, as a clause. Throws CommandError when that is not the application.
std::string watch_start(Board& board, const BoardOptions& options) {
    auto& transport = *board.transport;
    if (!transport.wait_until_gone(leave_limit))
        throw CommandError(ExitCode::behaviour,
                           "the image is on the board whole, but the board did not leave its bootloader; press reset");
    if (!transport.reopen(options.runtime ? application_limit : return_limit)) {
        if (!options.runtime) return "application started";
        throw CommandError(ExitCode::behaviour,
                           fmt::format("the image is on the board whole, but no application with a DFU interface came "
                                       "back within {} s",
                                       application_limit.count() / 1000));
    }
    const auto info = read_device_info(transport);
    if (is_bootloader(info))
        throw CommandError(ExitCode::behaviour,
                           "the image is on the board whole, but its bootloader started again; set BOOT1 back to 0 (or "
                           "let go of the button) and press reset");
    return fmt::format("{:04x}:{:04x} \"{}\" runs", info.device.idVendor, info.device.idProduct, info.product);
}

void flash_and_start(Board& board, const Image& image, const BoardOptions& options, const Observer& observer,
                     BoardResult& result) {
    if (options.runtime && !is_bootloader(board.info)) {
        enter_bootloader(*board.transport, board.info);
        board.info = read_device_info(*board.transport);
    }
    result.version = version_of(board.info);
    const auto report = flash(*board.transport, board.info, image, options.flash, observer);
    result.bytes = report.bytes;
    result.verified = report.verified;
    result.sentence = fmt::format("{} bytes written", report.bytes);
    result.sentence +=
        report.verified ? ", read back equal" : fmt::format(", not read back ({})", report.why_not_verified);
    if (!options.flash.leave) return;
    result.sentence +=
        ", " + (report.installs ? watch_installer(board, *report.installs) : watch_start(board, options));
}

}  // namespace

BoardResult flash_board(Board& board, const Image& image, const BoardOptions& options, const Observer& observer) {
    BoardResult result{.location = board.attached.location,
                       .serial = board.info.serial_number,
                       .product = board.info.product,
                       .version = {},
                       .code = ExitCode::success,
                       .sentence = {},
                       .seconds = 0,
                       .bytes = 0,
                       .verified = false};
    const auto start = std::chrono::steady_clock::now();
    try {
        flash_and_start(board, image, options, observer, result);
    } catch (...) {
        const auto [code, sentence] = current_failure();
        result.code = code;
        result.sentence = sentence;
    }
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

Json json_of(const BoardResult& result) {
    return {{"event", "result"},
            {"location", result.location},
            {"serial", result.serial},
            {"product", result.product},
            {"version", result.version},
            {"ok", result.good()},
            {"exit_code", static_cast<int>(result.code)},
            {"bytes", result.bytes},
            {"verified", result.verified},
            {"seconds", result.seconds},
            {"message", result.sentence}};
}

}  // namespace flasher::commands
