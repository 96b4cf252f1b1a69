// SPDX-License-Identifier: ISC
// Finding and opening boards.
#include "flasher/commands/devices.hpp"

#include <charconv>
#include <chrono>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "flasher/commands/exit_codes.hpp"
#include "flasher/platform/platform.hpp"
#include "flasher/target.hpp"
#include "flasher/usb/usb_bus.hpp"
#include "flasher/usbip/client.hpp"

namespace flasher::commands {
namespace {

constexpr auto glance = std::chrono::milliseconds(150);

std::optional<std::uint16_t> hex_word(std::string_view text) {
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Both ids; throws std::invalid_argument.
std::pair<std::uint16_t, std::uint16_t> ids_of(const std::string& text) {
    const auto colon = text.find(':');
    const auto vendor = hex_word(std::string_view(text).substr(0, colon));
    const auto product = colon == std::string::npos ? std::nullopt : hex_word(std::string_view(text).substr(colon + 1));
    if (!vendor || !product)
        throw std::invalid_argument(fmt::format("'{}' is not a pair of ids; write it as 1209:db42", text));
    return {*vendor, *product};
}

Board only_one(std::vector<Board> boards) {
    if (boards.size() == 1) return std::move(boards.front());
    std::string text =
        fmt::format("{} boards are attached; choose one by --location or --serial, or all by --all", boards.size());
    for (const auto& one : boards)
        text += fmt::format("\n  --location {:<6} {}", one.attached.location, one.title());
    throw CommandError(ExitCode::usage, text);
}

}  // namespace

void add_usbip(CLI::App& command, Selection& selection) {
    command.add_option("--usbip", selection.usbip, "devices of a USB/IP server instead of this machine's")
        ->envname("DAPBOOT_USBIP")
        ->type_name("HOST:PORT")
        ->group("Which device");
}

void add_selection(CLI::App& command, Selection& selection) {
    constexpr const char* group = "Which device";
    command.add_option("--serial", selection.serial, "the one with this serial number, or whose number ends so")
        ->type_name("S")
        ->group(group);
    command.add_option("--device", selection.device, "only those with these USB ids, such as 1209:db42")
        ->type_name("VID:PID")
        ->group(group);
    command.add_option("--location", selection.location, "the one at this place, as dapboot list shows it")
        ->type_name("BUS-PORT")
        ->group(group);
    add_usbip(command, selection);
}

std::string Board::title() const {
    const std::string product = info.product.empty() ? "(no name)" : info.product;
    return info.serial_number.empty() ? product : fmt::format("{}, serial {}", product, info.serial_number);
}

std::unique_ptr<Bus> open_bus(const Selection& selection) {
    if (!selection.device.empty()) static_cast<void>(ids_of(selection.device));
    if (!selection.usbip.empty()) return usbip::open_server(usbip::ServerAddress::parse(selection.usbip));
    return open_usb();
}

bool fits(const Selection& selection, const Attached& attached) {
    if (!selection.location.empty() && selection.location != attached.location) return false;
    return selection.device.empty() || ids_of(selection.device) == std::pair(attached.idVendor, attached.idProduct);
}

bool fits(const Selection& selection, const DeviceInfo& info) {
    return selection.serial.empty() || info.serial_number.ends_with(selection.serial);
}

Board open_board(Bus& bus, const Attached& attached) {
    Board board{.attached = attached, .transport = bus.open(attached.location), .info = {}};
    board.info = read_device_info(*board.transport);
    return board;
}

Boards open_boards(Bus& bus, const Selection& selection) {
    Boards boards;
    for (const auto& one : bus.list()) {
        if (!fits(selection, one)) continue;
        try {
            auto board = open_board(bus, one);
            if (!fits(selection, board.info)) continue;
            (is_bootloader(board.info) ? boards.bootloaders : boards.applications).push_back(std::move(board));
        } catch (const BusError& error) {
            // Absent: it has gone between the list and now.
            if (error.kind() != BusError::Kind::absent) boards.problems.push_back({one, error.kind(), error.what()});
        } catch (const std::runtime_error& error) {
            boards.problems.push_back(
                {one, BusError::Kind::broken, fmt::format("the device at {}: {}", one.location, error.what())});
        }
    }
    return boards;
}

std::string nothing_found(const Bus& bus, const Selection& selection) {
    std::string wanted;
    if (!selection.serial.empty()) wanted += fmt::format(" with serial number {}", selection.serial);
    if (!selection.device.empty()) wanted += fmt::format(" with the ids {}", selection.device);
    if (!selection.location.empty()) wanted += fmt::format(" at {}", selection.location);
    if (!wanted.empty())
        return fmt::format("no DFU device{} on {}; dapboot list shows what is there", wanted, bus.name());
    return fmt::format(
        "no board in its bootloader on {}; plug one in, set BOOT1 to 1 (or hold its button) and press "
        "reset, or add --wait",
        bus.name());
}

Board choose_board(Bus& bus, const Selection& selection, bool wait, bool runtime) {
    for (;;) {
        auto found = open_boards(bus, selection);
        if (!found.bootloaders.empty()) return only_one(std::move(found.bootloaders));
        if (runtime && !found.applications.empty()) return only_one(std::move(found.applications));
        if (!wait) {
            if (!found.problems.empty()) throw BusError(found.problems.front().kind, found.problems.front().sentence);
            if (found.applications.empty()) throw CommandError(ExitCode::no_device, nothing_found(bus, selection));
            const auto& application = found.applications.front();
            throw CommandError(ExitCode::no_device,
                               fmt::format("{} runs an application ({}); with --runtime it is asked to leave for its "
                                           "bootloader",
                                           application.attached.location, application.title()));
        }
        found = {};
        if (platform::interrupted()) throw CommandError(ExitCode::interrupted, "interrupted: no board came");
        std::this_thread::sleep_for(glance);
    }
}

}  // namespace flasher::commands
