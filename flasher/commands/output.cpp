// SPDX-License-Identifier: ISC
// Devices in words and in JSON.
#include "flasher/commands/output.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "flasher/terminal/terminal.hpp"
#include "flasher/terminal/wrapped.hpp"

namespace flasher::commands {
namespace {

using terminal::Paint;

std::string bcd(unsigned value) {
    return fmt::format("{:x}.{:02x}", value >> 8, value & 0xFF);
}

std::string facts_of(const DeviceInfo& info, const std::optional<Target>& target) {
    std::string text = version_of(info);
    if (const auto layout = layout_of(info); !layout.empty()) text += ", " + layout;
    if (target && target->base) text += fmt::format(", application at {:#010x}", *target->base);
    if (target && target->room) text += ", " + terminal::text_of_size(*target->room);
    if (info.dapboot) text += fmt::format(" ({} KiB pages)", info.dapboot->page_size / 1024);
    return text;
}

}  // namespace

void print_event(const Json& event) {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    // A text out of a device may be no UTF-8.
    fmt::print("{}\n", event.dump(-1, ' ', false, Json::error_handler_t::replace));
    std::fflush(stdout);
}

std::string version_of(const DeviceInfo& info) {
    const auto release = info.device.bcdDevice;
    if (info.dapboot) return fmt::format("dapboot {:x}.{:x}.{:x}", release >> 8, release >> 4 & 15, release & 15);
    return fmt::format("release {}", bcd(release));
}

std::string layout_of(const DeviceInfo& info) {
    if (!is_dapboot(info)) return "";
    const bool high = info.dapboot ? info.dapboot->layout == DapbootCapability::Layout::high_memory
                                   : info.product.find("High-Memory") != std::string::npos;
    return high ? "high-memory layout" : "standard layout";
}

Json json_of(const Board& board) {
    const auto& info = board.info;
    Json json{{"location", board.attached.location},
              {"vendor_id", fmt::format("{:04x}", info.device.idVendor)},
              {"product_id", fmt::format("{:04x}", info.device.idProduct)},
              {"manufacturer", info.manufacturer},
              {"product", info.product},
              {"serial", info.serial_number},
              {"mode", is_bootloader(info) ? "bootloader" : "application"},
              {"release", bcd(info.device.bcdDevice)}};
    if (info.dapboot) json["version"] = version_of(info).substr(std::string_view("dapboot ").size());
    if (const auto layout = layout_of(info); !layout.empty()) json["layout"] = layout.substr(0, layout.find(' '));
    if (info.dapboot) json["page_size"] = info.dapboot->page_size;
    return json;
}

Json json_of(const Target& target) {
    Json json{{"alternate", target.interface.bAlternateSetting}, {"alternate_name", target.interface_name}};
    if (target.base) json["base"] = fmt::format("{:#010x}", *target.base);
    if (target.base) json["base_from"] = name_of(target.base_from);
    if (target.room) json["room"] = *target.room;
    if (target.room) json["room_from"] = name_of(target.room_from);
    return json;
}

void print_board(const Board& board, const std::optional<Target>& target) {
    const auto& info = board.info;
    const std::string place = fmt::format("{:<6}", board.attached.location);
    const std::string blank(place.size() + 2, ' ');
    fmt::print("{}  {}  {:04x}:{:04x}\n", place,
               terminal::painted(Paint::bold, info.product.empty() ? "(no name)" : info.product), info.device.idVendor,
               info.device.idProduct);
    if (!info.serial_number.empty())
        fmt::print("{}{} {}\n", blank, terminal::painted(Paint::dim, "serial"), info.serial_number);
    fmt::print("{}{}\n", blank,
               terminal::wrapped(facts_of(info, target), terminal::Stream::output, blank.size(), blank.size()));
}

}  // namespace flasher::commands
