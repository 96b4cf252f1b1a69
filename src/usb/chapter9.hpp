// SPDX-License-Identifier: ISC
// The device framework of USB 2.0 (chapter 9): SETUP packets, standard requests, descriptor types.
#pragma once

#include <cstdint>

namespace usb {

/** bmRequestType: its direction, and complete bytes. */
namespace request_type {
inline constexpr std::uint8_t device_to_host = 0x80;
inline constexpr std::uint8_t device_out = 0x00, interface_out = 0x01;
inline constexpr std::uint8_t device_in = 0x80, interface_in = 0x81, endpoint_in = 0x82;
inline constexpr std::uint8_t class_interface_out = 0x21, class_interface_in = 0xA1;
inline constexpr std::uint8_t vendor_device_in = 0xC0, vendor_interface_in = 0xC1;
}  // namespace request_type

/** The eight bytes of a SETUP packet (USB 2.0 table 9-2). */
struct Setup {
    std::uint8_t bmRequestType;
    std::uint8_t bRequest;
    std::uint16_t wValue;
    std::uint16_t wIndex;
    std::uint16_t wLength;

    /** bmRequestType and bRequest in one number. */
    static constexpr std::uint16_t request(std::uint8_t type, std::uint8_t number) {
        return static_cast<std::uint16_t>(type | number << 8);
    }
    constexpr std::uint16_t request() const { return request(bmRequestType, bRequest); }
    constexpr bool device_to_host() const { return (bmRequestType & request_type::device_to_host) != 0; }
};
static_assert(sizeof(Setup) == 8);

/** bRequest of standard requests (USB 2.0 table 9-4). */
namespace request {
inline constexpr std::uint8_t GET_STATUS = 0, SET_ADDRESS = 5, GET_DESCRIPTOR = 6, GET_CONFIGURATION = 8,
                              SET_CONFIGURATION = 9, GET_INTERFACE = 10, SET_INTERFACE = 11;
}

/** bDescriptorType (USB 2.0 table 9-5, USB 3.2 table 9-6, DFU 1.1 table 4.2). */
namespace descriptor_type {
inline constexpr std::uint8_t DEVICE = 1, CONFIGURATION = 2, STRING = 3, INTERFACE = 4, BOS = 15,
                              DEVICE_CAPABILITY = 16, DFU_FUNCTIONAL = 0x21;
}

/** bMaxPacketSize0 in bytes. */
inline constexpr std::uint16_t max_packet_size = 64;

}  // namespace usb
