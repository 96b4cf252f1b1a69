// SPDX-License-Identifier: ISC
// One download as the commands show it.
#include "sim/commands/flashing.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sim/commands/exit_codes.hpp"
#include "sim/commands/terminal.hpp"

namespace sim::commands {
namespace {

std::string_view words_for(flasher::Ending ending) {
    switch (ending) {
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

const flasher::InterfaceDescriptor& choose_interface(const flasher::DeviceInfo& info,
                                                     std::optional<unsigned> alternate) {
    const auto& all = info.configuration.interfaces;
    const auto found = std::ranges::find_if(
        all, [&](const auto& one) { return one.is_dfu_mode() && (!alternate || one.bAlternateSetting == *alternate); });
    if (found == all.end())
        throw BehaviourError(fmt::format("the device {} has no DFU-mode interface{}; is a DFU bootloader running?",
                                         info.product,
                                         alternate ? fmt::format(" with alternate setting {}", *alternate) : ""));
    return *found;
}

std::optional<flasher::Region> application_region(const flasher::DeviceInfo& info, const ChipVariant& chip) {
    constexpr std::uint32_t flash_start = 0x0800'0000;
    if (!info.product.starts_with("DAPBoot")) return std::nullopt;
    const bool high = info.product.find("High-Memory") != std::string::npos;
    const std::uint32_t offset = high ? 0 : 0x2000;
    return flasher::Region{
        .flash_start = flash_start + offset, .flash_length = chip.flash_bytes - offset, .ram_length = chip.ram_bytes};
}

std::optional<std::string> complaint_about(const flasher::Image& image, const flasher::DeviceInfo& info,
                                           const ChipVariant& chip) {
    const auto vendor = info.device.idVendor, product = info.device.idProduct;
    if (image.suffix && !image.suffix->matches(vendor, product))
        return fmt::format(
            "the file's DFU suffix says that it is for {:04x}:{:04x}, and this device is {:04x}:{:04x}; "
            "choose the file for this device",
            image.suffix->idVendor, image.suffix->idProduct, vendor, product);
    const auto region = application_region(info, chip);
    return region ? flasher::check_runnable(image, *region) : std::nullopt;
}

flasher::Ending download_with_progress(UsbHost& host, HostTransport& transport,
                                       const flasher::InterfaceDescriptor& interface, const flasher::Image& image) {
    flasher::DfuClient client(transport, interface);
    const Time start = host.now();
    ProgressBar bar(start);
    try {
        const auto ending =
            client.download(image.bytes, [&](const flasher::Progress& progress) { bar.show(progress, host.now()); });
        bar.finish();
        fmt::print("  {} in {}; {}\n", painted(Paint::good, "done"), text_of(host.now() - start), words_for(ending));
        return ending;
    } catch (...) {
        bar.finish();
        throw;
    }
}

}  // namespace sim::commands
