// SPDX-License-Identifier: ISC
// Standard requests (USB 2.0 section 9.4) to a configured device. SET_ADDRESS is the transport's own.
#include <algorithm>
#include <array>

#include "flasher/properties/examination.hpp"
#include "flasher/properties/lists.hpp"

namespace flasher::properties {
namespace {

constexpr std::uint8_t get_status = 0, clear_feature = 1, set_feature = 3, set_descriptor = 7, get_configuration = 8,
                       set_configuration = 9, get_interface = 10, set_interface = 11, synch_frame = 12;
constexpr std::uint8_t device_to_host = 0x80, interface_to_host = 0x81, endpoint_to_host = 0x82;

void expect_bytes(Examination& device, std::string_view what, const Answer& answer, const Image& bytes) {
    device.expect(answer.ok(), "{} is {}", what, name_of(answer.outcome));
    device.expect(answer.bytes == bytes, "{} gives [{:02x}], not [{:02x}]", what, fmt::join(answer.bytes, " "),
                  fmt::join(bytes, " "));
}

void configuration(Examination& device) {
    const auto now = [&](std::uint8_t value) {
        expect_bytes(device, "GET_CONFIGURATION", device.in(device_to_host, get_configuration, 0, 0, 1), {value});
    };
    now(1);
    device.expect(device.out(0, set_configuration, 2, 0) == Outcome::stall, "SET_CONFIGURATION 2 is taken");
    now(1);
    device.expect(device.out(0, set_configuration, 0, 0) == Outcome::ok, "SET_CONFIGURATION 0 is not taken");
    now(0);
    device.expect(device.out(0, set_configuration, 1, 0) == Outcome::ok, "SET_CONFIGURATION 1 is not taken");
    now(1);
}

void interface_settings(Examination& device) {
    const std::uint16_t number = device.interface().bInterfaceNumber, setting = device.interface().bAlternateSetting;
    const auto set = [&](unsigned value, unsigned index) {
        return device.out(1, set_interface, static_cast<std::uint16_t>(value), static_cast<std::uint16_t>(index));
    };
    device.expect(set(setting, number) == Outcome::ok, "SET_INTERFACE {} of interface {} is not taken", setting,
                  number);
    expect_bytes(device, "GET_INTERFACE", device.in(interface_to_host, get_interface, 0, number, 1),
                 {static_cast<std::uint8_t>(setting)});
}

void status(Examination& device) {
    expect_bytes(device, "GET_STATUS of the device", device.in(device_to_host, get_status, 0, 0, 2), {0, 0});
    expect_bytes(device, "GET_STATUS of the interface",
                 device.in(interface_to_host, get_status, 0, device.interface().bInterfaceNumber, 2), {0, 0});
    expect_bytes(device, "GET_STATUS of endpoint 0", device.in(endpoint_to_host, get_status, 0, 0, 2), {0, 0});
}

void absent(Examination& device) {
    const unsigned number = device.interface().bInterfaceNumber, setting = device.interface().bAlternateSetting;
    const auto expect_stall = [&](std::string_view what, Outcome outcome) {
        device.expect(outcome == Outcome::stall, "{}, which is not there, is {}", what, name_of(outcome));
        device.expect_state(DfuState::dfu_idle);
    };
    const auto set = [&](unsigned value, unsigned index) {
        return device.out(1, set_interface, static_cast<std::uint16_t>(value), static_cast<std::uint16_t>(index));
    };
    const auto ask = [&](std::uint8_t type, std::uint8_t request, unsigned index) {
        const std::uint16_t length = request == get_status ? 2 : 1;
        return device.in(type, request, 0, static_cast<std::uint16_t>(index), length).outcome;
    };
    unsigned last = 0;
    for (const auto& one : parse_configuration(device.descriptor(0x0200)).interfaces)
        last = std::max<unsigned>(last, one.bAlternateSetting);
    expect_stall("SET_INTERFACE to an alternate setting", set(last + 1, number));
    expect_stall("SET_INTERFACE of the next interface", set(setting, number + 1));
    for (const unsigned interface : {number + 1, 255U}) {
        expect_stall(fmt::format("GET_INTERFACE of interface {}", interface),
                     ask(interface_to_host, get_interface, interface));
        expect_stall(fmt::format("GET_STATUS of interface {}", interface),
                     ask(interface_to_host, get_status, interface));
    }
    for (const unsigned endpoint : {0x01U, 0x81U, 0x0FU, 0x8FU})
        expect_stall(fmt::format("GET_STATUS of endpoint 0x{:02X}", endpoint),
                     ask(endpoint_to_host, get_status, endpoint));
}

struct Unsupported {
    std::string_view name;
    std::uint8_t type, request;
    std::uint16_t value, index, length;
};
constexpr Unsupported unsupported_list[] = {
    {"the device qualifier", 0x80, 6, 0x0600, 0, 10},
    {"the other speed's configuration", 0x80, 6, 0x0700, 0, 9},
    {"a second device descriptor", 0x80, 6, 0x0101, 0, 18},
    {"a second configuration", 0x80, 6, 0x0201, 0, 9},
    {"string 239", 0x80, 6, 0x03EF, 0x0409, 255},
    {"a HID descriptor", 0x80, 6, 0x2100, 0, 9},
    {"CLEAR_FEATURE of remote wakeup", 0x00, clear_feature, 1, 0, 0},
    {"SET_FEATURE of remote wakeup", 0x00, set_feature, 1, 0, 0},
    {"SYNCH_FRAME", 0x82, synch_frame, 0, 0, 2},
    {"SET_DESCRIPTOR", 0x00, set_descriptor, 0x0100, 0, 4},
    {"SET_ADDRESS to the host", 0x80, 5, 9, 0, 0},
    {"GET_STATUS of something other", 0x83, get_status, 0, 0, 2},
    {"request 255", 0x80, 255, 0, 0, 2},
    {"a class request to the device", 0xA0, 3, 0, 0, 6},
    {"a class request to an endpoint", 0xA2, 3, 0, 0, 6},
    {"a vendor request of another code", 0xC0, 0x7E, 0, 7, 64},
};

void unsupported(Examination& device) {
    for (const auto& [name, type, request, value, index, length] : unsupported_list) {
        const Outcome outcome = type >= 0x80 ? device.in(type, request, value, index, length).outcome
                                             : device.out(type, request, value, index, Image(length));
        device.expect(outcome == Outcome::stall, "{} is {}, and must be stalled", name, name_of(outcome));
        device.expect_state(DfuState::dfu_idle);
    }
}

constexpr std::array list{
    Property{"ConfigurationIsSetAndTold", "USB 2.0 sections 9.4.2 and 9.4.7", Overwrites::nothing, Needs::nothing,
             configuration},
    Property{"AlternateSettingIsSetAndTold", "USB 2.0 sections 9.4.4 and 9.4.10", Overwrites::nothing, Needs::nothing,
             interface_settings},
    Property{"StatusOfDeviceInterfaceAndEndpoint", "USB 2.0 section 9.4.5", Overwrites::nothing, Needs::nothing,
             status},
    Property{"WhatIsNotThereIsStalled", "USB 2.0 sections 9.4.4, 9.4.5 and 9.4.10", Overwrites::nothing,
             Needs::unfiltered, absent},
    Property{"WhatIsNotSupportedIsStalled", "USB 2.0 section 9.2.7", Overwrites::nothing, Needs::nothing, unsupported},
};

}  // namespace

std::span<const Property> chapter9() {
    return list;
}

}  // namespace flasher::properties
