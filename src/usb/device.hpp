// SPDX-License-Identifier: ISC
// The device: answers standard and vendor requests (USB 2.0 section 9.4), and hands class requests to its one
// interface.
#pragma once

#include "usb/control.hpp"
#include "usb/descriptors.hpp"

namespace usb {

/**
 * @tparam Interface  answers class requests: begin, setup, status_done, bus_reset
 * @tparam identity   what the descriptors say
 */
template <class Driver, class Interface, const Identity& identity>
class Device {
  public:
    using Control = ControlEndpoint<Driver, Device>;

    void setup(const Setup& setup, Control& control) {
        new_address_ = 0;
        interface_.begin();
        const unsigned type = setup.bmRequestType, either_way = type & ~unsigned{request_type::device_to_host};
        // In the Address state there are no interfaces (USB 2.0 section 9.4), in the Configured state there is one.
        const bool there_is_none = configuration_ == 0 || setup.wIndex != 0;
        if (either_way == request_type::class_interface_out) {
            if (!there_is_none) interface_.setup(setup, control);
        } else if (type == request_type::vendor_device_in || type == request_type::vendor_interface_in) {
            if (setup.bRequest == vendor_code) send_descriptor(control, vendor_key + setup.wIndex);
        } else if (either_way != request_type::interface_out || !there_is_none) {
            standard(setup, control);
        }
    }

    void status_done() {
        // The address counts from the end of the status stage on (USB 2.0 section 9.4.6).
        if (new_address_ != 0) {
            Driver::set_address(new_address_ ^ address_is_new);
            new_address_ = 0;
        }
        interface_.status_done();
    }

    /** As status_done(), but for an address: a host that had set one would not ask at the old one. */
    void host_went_on() { interface_.status_done(); }

    void bus_reset() {
        new_address_ = 0;
        configure(0);
        interface_.bus_reset();
    }

    const Interface& interface() const { return interface_; }

  private:
    void configure(std::uint8_t value) {
        configuration_ = value;
        select(0);
    }

    void select(std::uint8_t alternate) {
        alternate_ = alternate;
        if constexpr (!identity.refused_settings[0].empty()) interface_.select(alternate == identity.alternate);
    }

    void standard(const Setup& setup, Control& control) {
        using namespace request;
        using namespace request_type;
        switch (setup.request()) {
            case Setup::request(device_in, GET_DESCRIPTOR):
                if (setup.wValue < vendor_key) send_descriptor(control, setup.wValue);
                return;
            case Setup::request(device_in, GET_STATUS):
            case Setup::request(interface_in, GET_STATUS):
            case Setup::request(endpoint_in, GET_STATUS):
                if ((setup.wIndex & ~endpoint_direction) != 0) return;  // there is endpoint 0, in both directions
                return control.send(no_status, 2);
            case Setup::request(device_in, GET_CONFIGURATION):
                return control.send(&configuration_, 1);
            case Setup::request(interface_in, GET_INTERFACE):
                return control.send(&alternate_, 1);
            case Setup::request(device_out, SET_ADDRESS):
                if (setup.wValue >= address_is_new) return;
                new_address_ = static_cast<std::uint8_t>(address_is_new | setup.wValue);
                break;
            case Setup::request(device_out, SET_CONFIGURATION):
                if (setup.wValue > 1) return;
                configure(static_cast<std::uint8_t>(setup.wValue));
                break;
            case Setup::request(interface_out, SET_INTERFACE):
                if (setup.wValue > identity.alternate) return;
                select(static_cast<std::uint8_t>(setup.wValue));
                break;
            default:
                return;
        }
        control.acknowledge();
    }

    void send_descriptor(Control& control, unsigned key) {
        if (key == descriptor_key(descriptor_type::STRING, string_serial)) return send_serial(control);
        const std::uint8_t* entry = table.data();
        while (const unsigned found = descriptor_key(entry[1], entry[0])) {
            const Unpacked unpacked = unpack(entry + 2, scratch_);
            if (key == found) return control.send(scratch_, static_cast<std::uint32_t>(unpacked.to - scratch_));
            entry = unpacked.from;
        }
    }

    /** 24 hexadecimal digits: the words of the unique ID from the last to the first, each in memory's byte order. */
    void send_serial(Control& control) {
        constexpr unsigned digit_count = 24, size = 2 + 2 * digit_count;
        auto* to = reinterpret_cast<std::uint16_t*>(scratch_);
        *to++ = size | descriptor_type::STRING << 8;
        const std::uint32_t* word = Driver::unique_id() + 3;
        std::uint32_t digits = 0;
        for (unsigned left = digit_count; left != 0; --left, digits <<= 4) {
            if (left % 8 == 0) digits = __builtin_bswap32(*--word);
            const unsigned digit = digits >> 28;
            *to++ = static_cast<std::uint16_t>(digit < 10 ? '0' + digit : 'A' + digit - 10);
        }
        control.send(scratch_, size);
    }

    static constexpr auto table = [] {
        constexpr auto packed = packed_table(identity);
        std::array<std::uint8_t, packed.size> bytes{};
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = packed.data[i];
        return bytes;
    }();

    /** Bus-powered, no remote wakeup, not halted: two zeroes, of which the table's last key consists. */
    static constexpr const std::uint8_t* no_status = table.data() + table.size() - 2;

    static constexpr std::uint8_t address_is_new = 0x80;       ///< tells address 0 from none; no address has this bit
    static constexpr std::uint16_t endpoint_direction = 0x80;  ///< in wIndex of a request to an endpoint

    std::uint8_t new_address_{};
    std::uint8_t configuration_{};
    std::uint8_t alternate_{};  ///< setting of the interface
    Interface interface_{};
    /** A descriptor while it is sent; the longest has 255 bytes, and one more is written. */
    alignas(2) std::uint8_t scratch_[256]{};
};

}  // namespace usb
