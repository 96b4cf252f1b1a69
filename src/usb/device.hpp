// SPDX-License-Identifier: ISC
// The device: answers standard and vendor requests (USB 2.0 section 9.4), and hands class requests
// to its one interface.
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

    bool setup(const Setup& setup, Control& control) {
        new_address_ = 0;
        switch (setup.bmRequestType) {
            case request_type::class_interface_in:
            case request_type::class_interface_out:
                return setup.wIndex == 0 && interface_.setup(setup, control);
            case request_type::vendor_device_in:
            case request_type::vendor_interface_in:
                return setup.bRequest == vendor_code &&
                       send_descriptor(control, vendor_key + setup.wIndex);
            default:
                return standard(setup, control);
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
    /** Requests as one number with their bmRequestType, since a request means something for one
     * recipient only. */
    static constexpr unsigned pair(std::uint8_t type, std::uint8_t request) {
        return type << 8 | request;
    }

    bool standard(const Setup& setup, Control& control) {
        using namespace request;
        using namespace request_type;
        switch (pair(setup.bmRequestType, setup.bRequest)) {
            case pair(device_in, GET_DESCRIPTOR):
                return setup.wValue < vendor_key && send_descriptor(control, setup.wValue);
            case pair(device_out, SET_ADDRESS):
                new_address_ = static_cast<std::uint8_t>(address_is_new | setup.wValue);
                return control.acknowledge();
            case pair(device_out, SET_CONFIGURATION):
                if (setup.wValue > 1) return false;
                configuration_ = static_cast<std::uint8_t>(setup.wValue);
                return control.acknowledge();
            case pair(interface_out, SET_INTERFACE):
                return setup.wIndex == 0 && setup.wValue <= identity.alternate &&
                       control.acknowledge();
            case pair(device_in, GET_CONFIGURATION):
                return control.send(&configuration_, 1);
            case pair(interface_in, GET_INTERFACE):
                return control.send(alternate, 1);
            case pair(device_in, GET_STATUS):
            case pair(interface_in, GET_STATUS):
            case pair(endpoint_in, GET_STATUS):
                return control.send(no_status, 2);
            default:
                return false;
        }
    }

    bool send_descriptor(Control& control, unsigned key) {
        if (key == descriptor_key(descriptor_type::STRING, string_serial))
            return send_serial(control);
        for (const std::uint8_t* entry = table.data(); entry != table.data() + table.size();) {
            const Unpacked unpacked = unpack(entry + 2, scratch_);
            if (key == descriptor_key(entry[0], entry[1])) {
                return control.send(scratch_, static_cast<std::uint32_t>(unpacked.to - scratch_));
            }
            entry = unpacked.from;
        }
        return false;
    }

    /** 24 hexadecimal digits: the words of the unique ID from the last to the first, each in
     * memory's byte order. */
    bool send_serial(Control& control) {
        std::uint8_t* to = scratch_;
        *to++ = 2 + 2 * 24;
        *to++ = descriptor_type::STRING;
        for (unsigned digit = 0; digit < 24; ++digit) {
            const unsigned byte = Driver::unique_id()[(8 - digit / 8 * 4) + digit / 2 % 4];
            const unsigned value = (digit % 2 == 0 ? byte >> 4 : byte) & 0xF;
            *to++ = static_cast<std::uint8_t>(value < 10 ? '0' + value : 'A' + value - 10);
            *to++ = 0;
        }
        return control.send(scratch_, 2 + 2 * 24);
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

    static constexpr std::uint8_t address_is_new =
        0x80;  ///< tells address 0 from none; no address has this bit

    std::uint8_t new_address_{};
    std::uint8_t configuration_{};
    Interface interface_{};
    std::uint8_t scratch_[256]{};  ///< a descriptor while it is sent; the longest has 255 bytes
};

}  // namespace usb
