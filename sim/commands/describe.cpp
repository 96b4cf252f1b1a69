// SPDX-License-Identifier: ISC
// Prints a device the way a person reads it.
#include "sim/commands/describe.hpp"

#include <fmt/format.h>

#include "sim/commands/terminal.hpp"

namespace sim::commands {
namespace {

std::string bcd(unsigned value) {
    return fmt::format("{:x}.{:02x}", value >> 8, value & 0xFF);
}

std::string quoted(const std::string& text) {
    return text.empty() ? "(none)" : fmt::format("\"{}\"", text);
}

std::string class_name(const flasher::InterfaceDescriptor& one) {
    if (one.is_dfu_mode()) return "DFU mode";
    if (one.is_dfu()) return "DFU run-time";
    return fmt::format("class {:02x}/{:02x}/{:02x}", one.bInterfaceClass, one.bInterfaceSubClass,
                       one.bInterfaceProtocol);
}

void print_dfu(const flasher::DfuFunctional& functional) {
    const auto& attributes = functional.attributes;
    std::string text;
    const auto add = [&](bool set, const char* name) {
        if (set) text += text.empty() ? name : fmt::format(", {}", name);
    };
    add(attributes.can_download, "download");
    add(attributes.can_upload, "upload");
    add(attributes.manifestation_tolerant, "manifestation tolerant");
    add(attributes.will_detach, "will detach");
    print_fact("DFU " + bcd(functional.version), text.empty() ? "(no attribute)" : text);
    print_fact("transfer size", fmt::format("{} bytes", functional.transfer_size));
}

void print_interface(const flasher::InterfaceDescriptor& one, const std::string& name) {
    print_fact("interface", fmt::format("{} alternate {}: {}, {} endpoints, {}", one.bInterfaceNumber,
                                        one.bAlternateSetting, class_name(one), one.bNumEndpoints, quoted(name)));
    if (one.functional) print_dfu(*one.functional);
}

std::string answer(const std::optional<std::string>& text) {
    return text ? *text : "(the device does not answer)";
}

}  // namespace

void print_device(const flasher::DeviceInfo& info, unsigned address) {
    const auto& device = info.device;
    fmt::print("  Bus 001 Device {:03}: ID {} {}\n", address,
               painted(Paint::bold, fmt::format("{:04x}:{:04x}", device.idVendor, device.idProduct)), info.product);
    print_fact("USB", fmt::format("{}, full speed, {}-byte packets on endpoint 0", bcd(device.bcdUSB),
                                  device.bMaxPacketSize0));
    print_fact("device release", bcd(device.bcdDevice));
    print_fact("manufacturer", quoted(info.manufacturer));
    print_fact("product", quoted(info.product));
    print_fact("serial number", quoted(info.serial_number));
    print_fact("power", fmt::format("{} mA, {} powered", info.configuration.max_milliamperes,
                                    (info.configuration.bmAttributes & 0x40) != 0 ? "self" : "bus"));
    for (std::size_t i = 0; i < info.configuration.interfaces.size(); ++i)
        print_interface(info.configuration.interfaces[i], info.interface_names[i]);
    if (info.webusb) print_fact("WebUSB " + bcd(info.webusb->bcdVersion), answer(info.webusb->landing_page));
    if (info.microsoft_os_10)
        print_fact("Microsoft OS 1.0", "compatible ID " + answer(info.microsoft_os_10->compatible_id));
    if (info.microsoft_os_20)
        print_fact("Microsoft OS 2.0",
                   fmt::format("compatible ID {}, interface GUID {}", answer(info.microsoft_os_20->compatible_id),
                               answer(info.microsoft_os_20->interface_guid)));
}

}  // namespace sim::commands
