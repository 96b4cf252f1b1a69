// SPDX-License-Identifier: ISC
// Enumeration in Linux's order.
#include "sim/usb/enumeration.hpp"

#include <array>

#include <fmt/format.h>

namespace sim {
namespace {

using Data = std::vector<std::uint8_t>;

// USB 2.0 tables 9-4 and 9-5, and 9-10 of the ECN that added the BOS.
constexpr std::uint8_t set_address = 5, get_descriptor = 6, set_configuration = 9;
constexpr std::uint8_t type_device = 1, type_configuration = 2, type_string = 3, type_qualifier = 6, type_bos = 15;

Data require(TransferResult result, Data data, const std::string& what) {
    if (!result.ok()) throw EnumerationError(fmt::format("{}: {}", what, result.detail));
    data.resize(result.length);
    return data;
}

flasher::SetupPacket descriptor_setup(std::uint8_t type, std::uint8_t index, std::uint16_t length,
                                      std::uint16_t language = 0) {
    return {.bmRequestType = 0x80,
            .bRequest = get_descriptor,
            .wValue = static_cast<std::uint16_t>(type << 8 | index),
            .wIndex = language,
            .wLength = length};
}

Data read_descriptor(UsbHost& host, std::uint8_t type, std::uint16_t length, const char* what) {
    Data data(length);
    auto result = host.control_in(descriptor_setup(type, 0, length), data);
    return require(std::move(result), std::move(data), what);
}

/// For what a device may lack: a stall is an answer, anything else a failure.
std::optional<Data> try_descriptor(UsbHost& host, std::uint8_t type, std::uint8_t index, std::uint16_t length,
                                   std::uint16_t language, const char* what) {
    Data data(length);
    auto result = host.control_in(descriptor_setup(type, index, length, language), data);
    if (result.end == TransferEnd::stall) return std::nullopt;
    return require(std::move(result), std::move(data), what);
}

void command(UsbHost& host, std::uint8_t request, std::uint16_t value, const char* what) {
    const auto result =
        host.control_out({.bmRequestType = 0, .bRequest = request, .wValue = value, .wIndex = 0, .wLength = 0}, {});
    if (!result.ok()) throw EnumerationError(fmt::format("{}: {}", what, result.detail));
}

void reset(UsbHost& host) {
    if (!host.reset_port()) throw EnumerationError("port reset: no device is attached afterwards");
}

/// bMaxPacketSize0 of the device at address 0. Only the first packet can be trusted to arrive.
std::uint8_t learn_packet_size(UsbHost& host) {
    const auto start = read_descriptor(host, type_device, 64, "device descriptor at address 0");
    if (start.size() < 8 || start[1] != type_device)
        throw EnumerationError(fmt::format("device descriptor at address 0: {} bytes came", start.size()));
    const auto size = start[7];
    if (size != 8 && size != 16 && size != 32 && size != 64)
        throw EnumerationError(fmt::format("device descriptor: bMaxPacketSize0 is {}", size));
    return size;
}

void give_address(UsbHost& host, std::uint8_t address, std::uint8_t packet_size) {
    host.talk_to(0, packet_size);
    command(host, set_address, address, "SET_ADDRESS");
    host.talk_to(address, packet_size);
    host.advance(host.timing().address_recovery);
}

/// A device whose pull-up is fixed is on the bus before its program is.
void address_patiently(UsbHost& host, std::uint8_t address, unsigned attempts) {
    for (unsigned attempt = 1;; ++attempt) {
        try {
            reset(host);
            const auto packet_size = learn_packet_size(host);
            reset(host);
            return give_address(host, address, packet_size);
        } catch (const EnumerationError&) {
            if (attempt == attempts || host.port_state() == PortState::disconnected) throw;
            host.advance(host.timing().debounce);
        }
    }
}

void read_strings(UsbHost& host, EnumeratedDevice& device) {
    const auto languages = try_descriptor(host, type_string, 0, 255, 0, "string languages");
    if (!languages || languages->size() < 4) return;
    const auto language = flasher::u16_at(*languages, 2);
    const auto read = [&](std::uint8_t index) -> std::string {
        if (index == 0) return {};
        const auto text = try_descriptor(host, type_string, index, 255, language, "string");
        try {
            return text ? flasher::parse_string(*text) : std::string();
        } catch (const flasher::DescriptorError&) {
            return {};
        }
    };
    device.product = read(device.device.iProduct);
    static_cast<void>(read(device.device.iManufacturer));
    device.serial_number = read(device.device.iSerialNumber);
}

/// Device and configuration of the device that the host talks to.
EnumeratedDevice read_identity(UsbHost& host) {
    EnumeratedDevice device{.address = host.address(),
                            .device = {},
                            .device_descriptor = {},
                            .configuration_descriptor = {},
                            .product = {},
                            .serial_number = {}};
    device.device_descriptor = read_descriptor(host, type_device, 18, "device descriptor");
    device.device = flasher::parse_device(device.device_descriptor);
    const auto head = read_descriptor(host, type_configuration, 9, "configuration descriptor");
    device.configuration_descriptor =
        read_descriptor(host, type_configuration, flasher::total_length(head), "configuration descriptor");
    return device;
}

std::uint8_t configuration_value(const EnumeratedDevice& device) {
    return flasher::parse_configuration(device.configuration_descriptor).bConfigurationValue;
}

}  // namespace

EnumeratedDevice enumerate(UsbHost& host, std::uint8_t new_address, unsigned attempts) {
    address_patiently(host, new_address, attempts);
    auto device = read_identity(host);
    if (device.device.bcdUSB >= 0x0201) {
        const auto head = try_descriptor(host, type_bos, 0, 5, 0, "BOS descriptor");
        if (head)
            static_cast<void>(try_descriptor(host, type_bos, 0, flasher::total_length(*head), 0, "BOS descriptor"));
    }
    // A device that is full speed only ought to stall this; an answer does no harm.
    static_cast<void>(try_descriptor(host, type_qualifier, 0, 10, 0, "device qualifier"));
    read_strings(host, device);
    command(host, set_configuration, configuration_value(device), "SET_CONFIGURATION");
    return device;
}

std::optional<EnumeratedDevice> reset_and_restore(UsbHost& host, const EnumeratedDevice& before) {
    try {
        reset(host);
        give_address(host, before.address, before.device.bMaxPacketSize0);
        auto device = read_identity(host);
        if (!device.is_same_device(before)) return std::nullopt;
        command(host, set_configuration, configuration_value(device), "SET_CONFIGURATION");
        return device;
    } catch (const EnumerationError&) {
        return std::nullopt;
    } catch (const flasher::DescriptorError&) {
        return std::nullopt;
    }
}

}  // namespace sim
