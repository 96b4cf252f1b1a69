// SPDX-License-Identifier: ISC
// The device: answers standard and vendor requests (USB 2.0 section 9.4), and hands class requests to its one
// interface.
#pragma once

#include "usb/control.hpp"
#include "usb/descriptors.hpp"

namespace usb {

/**
 * @tparam Interface  answers class requests: setup, data_received, status_done, bus_reset
 * @tparam identity   what the descriptors say
 */
template <class Driver, class Interface, const Identity& identity>
class Device {
  public:
    using Control = ControlEndpoint<Driver, Device>;

    void setup(const Setup& setup, Control& control) {
        new_address_ = 0;
        switch (setup.bmRequestType) {
            case request_type::class_interface_in:
            case request_type::class_interface_out:
                if (setup.wIndex == 0) interface_.setup(setup, control);
                break;
            case request_type::vendor_device_in:
            case request_type::vendor_interface_in:
                if (setup.bRequest == vendor_code) send_descriptor(control, vendor_key + setup.wIndex);
                break;
            default:
                standard(setup, control);
        }
    }

    void data_received() { interface_.data_received(); }

    void status_done() {
        // The address counts from the end of the status stage on (USB 2.0 section 9.4.6).
        if (new_address_ != 0) {
            Driver::set_address(new_address_ ^ address_is_new);
            new_address_ = 0;
        }
        interface_.status_done();
    }

    void bus_reset() {
        new_address_ = 0;
        configuration_ = 0;
        interface_.bus_reset();
    }

  private:
    /** bmRequestType of each standard request that is supported, by bRequest; 0xFF for those that are not. */
    static constexpr std::uint8_t standard_types[] = {
        request_type::device_in,  // GET_STATUS, which interface and endpoint have as well
        0xFF,
        0xFF,
        0xFF,
        0xFF,
        request_type::device_out,  // SET_ADDRESS
        request_type::device_in,   // GET_DESCRIPTOR
        0xFF,
        request_type::device_in,      // GET_CONFIGURATION
        request_type::device_out,     // SET_CONFIGURATION
        request_type::interface_in,   // GET_INTERFACE
        request_type::interface_out,  // SET_INTERFACE
    };

    void standard(const Setup& setup, Control& control) {
        using namespace request;
        std::uint8_t type = setup.bmRequestType;
        if (setup.bRequest == GET_STATUS && type <= request_type::endpoint_in) type &= request_type::device_in;
        if (setup.bRequest >= sizeof standard_types || standard_types[setup.bRequest] != type) return;
        switch (setup.bRequest) {
            case GET_DESCRIPTOR:
                if (setup.wValue < vendor_key) send_descriptor(control, setup.wValue);
                return;
            case GET_STATUS:
                return control.send(no_status, 2);
            case GET_CONFIGURATION:
                return control.send(&configuration_, 1);
            case GET_INTERFACE:
                return control.send(alternate, 1);
            case SET_ADDRESS:
                new_address_ = static_cast<std::uint8_t>(address_is_new | setup.wValue);
                break;
            case SET_CONFIGURATION:
                if (setup.wValue > 1) return;
                configuration_ = static_cast<std::uint8_t>(setup.wValue);
                break;
            default:  // SET_INTERFACE
                if (setup.wIndex != 0 || setup.wValue > identity.alternate) return;
        }
        control.acknowledge();
    }

    void send_descriptor(Control& control, unsigned key) {
        if (key == descriptor_key(descriptor_type::STRING, string_serial)) return send_serial(control);
        for (const std::uint8_t* entry = table.data(); entry != table.data() + table.size();) {
            const Unpacked unpacked = unpack(entry + 2, scratch_);
            if (key == descriptor_key(entry[0], entry[1])) {
                return control.send(scratch_, static_cast<std::uint32_t>(unpacked.to - scratch_));
            }
            entry = unpacked.from;
        }
    }

    /** 24 hexadecimal digits: the words of the unique ID from the last to the first, each in memory's byte order. */
    void send_serial(Control& control) {
        constexpr std::uint8_t size = 2 + 2 * 24;
        scratch_[0] = size;
        scratch_[1] = descriptor_type::STRING;
        std::uint8_t* to = scratch_ + 2;
        for (const std::uint32_t* word = Driver::unique_id() + 2; to != scratch_ + size; --word) {
            std::uint32_t digits = __builtin_bswap32(*word);
            for (unsigned left = 8; left != 0; --left, digits <<= 4) {
                const unsigned digit = digits >> 28;
                *to++ = static_cast<std::uint8_t>(digit < 10 ? '0' + digit : 'A' + digit - 10);
                *to++ = 0;
            }
        }
        control.send(scratch_, size);
    }

    static constexpr std::uint8_t no_status[2]{};  ///< bus-powered, no remote wakeup, not halted
    static constexpr std::uint8_t alternate[1]{identity.alternate};

    static constexpr auto table = [] {
        constexpr auto packed = packed_table(identity);
        std::array<std::uint8_t, packed.size> bytes{};
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = packed.data[i];
        return bytes;
    }();

    static constexpr std::uint8_t address_is_new = 0x80;  ///< tells address 0 from none; no address has this bit

    std::uint8_t new_address_{};
    std::uint8_t configuration_{};
    Interface interface_{};
    std::uint8_t scratch_[256]{};  ///< a descriptor while it is sent; the longest has 255 bytes
};

}  // namespace usb
