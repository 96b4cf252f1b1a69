// SPDX-License-Identifier: ISC
// Alternates, bases, rooms.
#include "flasher/target.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace flasher {
namespace {

constexpr std::uint32_t flash_start = 0x0800'0000, largest_flash = 1U << 20, largest_ram = 96 * 1024;
/// bcdDFUVersion of ST's extension, in which blocks 0 and 1 are commands and addresses.
constexpr std::uint16_t dfuse_version = 0x011A;

struct Alternate {
    InterfaceDescriptor interface;
    std::string name;
    std::optional<std::uint32_t> address;  ///< That its name tells.
};

/// The first number of at least seven hexadecimal digits behind "0x".
std::optional<std::uint32_t> address_in(std::string_view name) {
    for (auto at = name.find("0x"); at != std::string_view::npos; at = name.find("0x", at + 2)) {
        const auto digits = name.substr(at + 2);
        std::uint32_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (error == std::errc{} && end - digits.data() >= 7) return value;
    }
    return std::nullopt;
}

std::vector<Alternate> alternates_of(const DeviceInfo& info) {
    std::vector<Alternate> found;
    const auto& interfaces = info.configuration.interfaces;
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
        if (!interfaces[i].is_dfu_mode()) continue;
        const std::string name = i < info.interface_names.size() ? info.interface_names[i] : "";
        found.push_back({.interface = interfaces[i], .name = name, .address = address_in(name)});
    }
    return found;
}

bool is_for_flash(const Alternate& one) {
    if (one.address) return *one.address >> 24 == flash_start >> 24;
    return one.name.find("RAM") == std::string::npos && one.name.find("ERROR") == std::string::npos;
}

std::string list_of(const std::vector<Alternate>& alternates) {
    std::string text;
    for (const auto& one : alternates)
        text += fmt::format("{}{} \"{}\"", text.empty() ? "" : ", ", one.interface.bAlternateSetting, one.name);
    return text;
}

Alternate choose_alternate(const DeviceInfo& info, std::vector<Alternate> all, const TargetOptions& options,
                           std::optional<std::uint32_t> image_base) {
    if (options.alternate) {
        const auto found = std::ranges::find_if(
            all, [&](const auto& one) { return one.interface.bAlternateSetting == *options.alternate; });
        if (found == all.end())
            throw TargetError(
                fmt::format("the device has no alternate setting {}; it has {}", *options.alternate, list_of(all)));
        return *found;
    }
    if (all.size() == 1) return all.front();
    // Settings before the one that speaks DFU are there for hosts that insist on its number (USB_DFU_ALTN).
    if (is_dapboot(info)) return all.back();
    auto fitting = all;
    std::erase_if(fitting, [](const auto& one) { return !is_for_flash(one); });
    const auto wanted = options.base ? options.base : image_base;
    if (wanted) {
        const auto found = std::ranges::find(fitting, wanted, &Alternate::address);
        if (found != fitting.end()) return *found;
    }
    if (fitting.size() == 1) return fitting.front();
    throw TargetError(
        fmt::format("the device has several alternate settings, and nothing tells which one is meant: {}; choose one "
                    "by its number, --alt N",
                    list_of(fitting.empty() ? all : fitting)));
}

void fill_from_descriptors(Target& target, const DeviceInfo& info, const Alternate& alternate,
                           const TargetOptions& options) {
    if (options.base) {
        target.base = options.base;
        target.base_from = Source::person;
    } else if (info.dapboot) {
        target.base = info.dapboot->application_base;
        target.base_from = Source::capability;
    } else if (alternate.address) {
        target.base = alternate.address;
        target.base_from = Source::alternate_name;
    } else if (is_dapboot(info)) {
        const bool high = info.product.find("High-Memory") != std::string::npos;
        target.base = flash_start + (high ? 0 : 0x2000);
        target.base_from = Source::product_name;
    }
    if (info.dapboot && target.base && *target.base < info.dapboot->application_end) {
        target.room = info.dapboot->application_end - *target.base;
        target.room_from = Source::capability;
    } else if (options.flash_end && target.base && *target.base < *options.flash_end) {
        target.room = *options.flash_end - *target.base;
        target.room_from = Source::person;
    }
}

}  // namespace

std::string_view name_of(Source source) {
    switch (source) {
        case Source::nobody:
            return "nobody";
        case Source::person:
            return "the command line";
        case Source::capability:
            return "the device";
        case Source::upload:
            return "reading it back";
        case Source::alternate_name:
            return "the name of the alternate setting";
        case Source::product_name:
            return "the product's name";
    }
    return "";
}

std::optional<Region> Target::region() const {
    if (!base) return std::nullopt;
    const auto left = *base >= flash_start && *base - flash_start < largest_flash
                          ? largest_flash - (*base - flash_start)
                          : largest_flash;
    return Region{.flash_start = *base, .flash_length = room.value_or(left), .ram_length = largest_ram};
}

bool is_bootloader(const DeviceInfo& info) {
    return std::ranges::any_of(info.configuration.interfaces, &InterfaceDescriptor::is_dfu_mode);
}

bool has_runtime_dfu(const DeviceInfo& info) {
    return std::ranges::any_of(info.configuration.interfaces,
                               [](const auto& one) { return one.is_dfu() && !one.is_dfu_mode(); });
}

bool is_dapboot(const DeviceInfo& info) {
    return info.dapboot || (is_bootloader(info) && info.product.starts_with("DAPBoot"));
}

Target choose_target(const DeviceInfo& info, const TargetOptions& options, std::optional<std::uint32_t> image_base) {
    const auto alternates = alternates_of(info);
    if (alternates.empty()) {
        if (has_runtime_dfu(info))
            throw TargetError(
                "the device runs an application, which can be asked to leave for its bootloader; add --runtime");
        throw TargetError("the device has no DFU interface; start its bootloader first");
    }
    const auto chosen = choose_alternate(info, alternates, options, image_base);
    if (!chosen.interface.functional)
        throw TargetError("the device's DFU interface has no functional descriptor, so nothing can be sent to it");
    if (chosen.interface.functional->version == dfuse_version)
        throw TargetError(
            "the device speaks DfuSe, ST's extension of DFU, in which addresses are commands; use "
            "dfu-util with -s, or STM32CubeProgrammer");
    Target target{.interface = chosen.interface,
                  .interface_name = chosen.name,
                  .base = {},
                  .base_from = Source::nobody,
                  .room = {},
                  .room_from = Source::nobody};
    fill_from_descriptors(target, info, chosen, options);
    return target;
}

void measure(Target& target, const DeviceInfo& info, Transport& transport) {
    const bool offered = target.interface.functional && target.interface.functional->attributes.can_upload;
    // Others may send whatever they like on UPLOAD; dapboot sends the application's flash up to its end.
    if (target.room || !is_dapboot(info) || !offered) return;
    const auto content = DfuClient(transport, target.interface).upload(largest_flash);
    if (content.empty() || content.size() >= largest_flash) return;
    target.room = static_cast<std::uint32_t>(content.size());
    target.room_from = Source::upload;
}

}  // namespace flasher
