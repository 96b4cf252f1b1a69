// SPDX-License-Identifier: ISC
// One flashing as the commands show it.
#include "sim/commands/flashing.hpp"

#include <fmt/format.h>

#include "sim/commands/terminal.hpp"

namespace sim::commands {
namespace {

std::string_view words_for(const flasher::FlashReport& report) {
    if (report.verified) return "read back equal, and the device has left for its application";
    switch (report.ending) {
        case flasher::Ending::idle:
            return "the device is ready for more";
        case flasher::Ending::left:
            return "the device left the bus by itself";
        case flasher::Ending::reset:
            return "the device was reset over the bus";
    }
    return "";
}

/// Why no device may be seen on this board.
std::string likely_reason(const Board& board) {
    const auto& pull_up = board.wiring.usb_pull_up;
    if (pull_up.kind == UsbPullUp::Kind::switched)
        return fmt::format(
            "on a {} the program must switch DP's pull-up on with P{}{}, and this one has not; give a program "
            "for this board, or the right --board",
            board.title, pull_up.pin.port, pull_up.pin.number);
    return fmt::format(
        "on a {} DP's pull-up is always on, so this program does not use USB, or holds DP low; give "
        "another program, or the right --board",
        board.title);
}

}  // namespace

EnumeratedDevice find_device(Session& session) {
    constexpr Time patience = 5'000 * millisecond;
    if (!session.host().wait_for_attach(patience))
        throw EnumerationError(
            fmt::format("no device attached to the bus within 5 s: {}", likely_reason(session.board())));
    try {
        return enumerate(session.host());
    } catch (const EnumerationError& error) {
        throw EnumerationError(fmt::format("{}: {}", error.what(), likely_reason(session.board())));
    }
}

flasher::FlashReport flash_with_progress(UsbHost& host, HostTransport& transport, const ChipVariant& chip,
                                         const flasher::DeviceInfo& info, const flasher::Image& image,
                                         flasher::FlashOptions options) {
    constexpr std::uint32_t flash_start = 0x0800'0000;
    options.target.flash_end = flash_start + chip.flash_bytes;
    const Time start = host.now();
    ProgressBar bar(start);
    try {
        const auto report = flasher::flash(transport, info, image, options, [&](const flasher::StepProgress& progress) {
            bar.show(progress, host.now());
        });
        bar.finish();
        fmt::print("  {} in {}; {}\n", painted(Paint::good, "done"), text_of(host.now() - start), words_for(report));
        return report;
    } catch (...) {
        bar.finish();
        throw;
    }
}

}  // namespace sim::commands
