// SPDX-License-Identifier: ISC
// Endpoint 0 of the USB full-speed device interface, polled (RM0008 section 23).
//
// Assumes the peripheral's clock is on and that 48 MHz reach it. Knows packets and handshakes, and
// nothing of what they mean.
#pragma once

#include "chip/core.hpp"
#include "chip/flash.hpp"
#include "chip/usb.hpp"

namespace drivers {

class UsbFs {
  public:
    using Epr = chip::Epr;
    using Stat = chip::Stat;

    /** Gives DP and DM back to the GPIO port. */
    static void power_down() {
        chip::usb->CNTR = chip::usb_bits::CNTR_PDWN | chip::usb_bits::CNTR_FRES;
    }

    /** Starts to listen (RM0008 section 23.4.2). From here on the transceiver owns DP and DM. */
    static void start() {
        chip::usb->CNTR = chip::usb_bits::CNTR_FRES;
        chip::wait_cycles(48);  // tSTARTUP, 1 us (datasheet)
        chip::usb->CNTR = 0;
        chip::usb->ISTR = 0;
    }

    /** Whether the host has reset the bus since this was last asked. */
    static bool take_reset() {
        using namespace chip::usb_bits;
        if ((chip::usb->ISTR & ISTR_RESET) == 0) return false;
        chip::usb->ISTR = 0xFFFF & ~ISTR_RESET;  // clears where 0 is written
        return true;
    }

    /** Makes endpoint 0 ready for a first SETUP, at address 0. */
    static void open_endpoint() {
        using chip::packet_memory;
        packet_memory->half_word[0] = tx_buffer;  // ADDR0_TX; BTABLE is 0 after reset
        packet_memory->half_word[2] = rx_buffer;  // ADDR0_RX
        packet_memory->half_word[3] =
            0x8400;  // COUNT0_RX: BL_SIZE 1, NUM_BLOCK 1: 64 bytes (RM0008 table 177)
        // A packet that arrived before the reset and was never served leaves CTR_RX set, and with
        // it an endpoint that answers nothing any more: all CTR are cleared here. STAT is
        // "disabled" now, so these bits toggle it.
        write_endpoint(Epr{Epr::CTR_RX | Epr::CTR_TX}.served(Epr::stats(Stat::nak, Stat::nak)));
        set_address(0);
    }

    static void set_address(std::uint8_t address) {
        chip::usb->DADDR = chip::usb_bits::DADDR_EF | address;
    }

    static Epr endpoint() { return {static_cast<std::uint16_t>(chip::usb->EPR[0])}; }
    static void write_endpoint(Epr epr) { chip::usb->EPR[0] = epr.value; }

    /** Bytes of the packet that was received: 0 to 64. */
    static std::uint32_t received() { return chip::packet_memory->half_word[3] & 0x3FF; }

    /** Half-word `index` of the packet that was received. */
    static std::uint16_t received_half_word(std::uint32_t index) {
        return static_cast<std::uint16_t>(chip::packet_memory->half_word[rx_buffer / 2 + index]);
    }

    /** Copies a packet of `length` bytes, 0 to 64, to be sent with the next IN. */
    static void load(const std::uint8_t* data, std::uint32_t length) {
        for (std::uint32_t i = 0; i < length; i += 2) {
            // The byte behind an odd end may lie outside of memory; it is not read.
            const unsigned high = i + 1 < length ? data[i + 1] : 0u;
            chip::packet_memory->half_word[(tx_buffer + i) / 2] = data[i] | high << 8;
        }
        chip::packet_memory->half_word[1] = length;  // COUNT0_TX
    }

    /** The 96-bit unique device ID of the chip, from which the serial number is made. */
    static const std::uint32_t* unique_id() { return chip::unique_id(); }

  private:
    static constexpr std::uint32_t tx_buffer = 0x40,
                                   rx_buffer = 0x80;  // bytes from the start of packet memory
};

}  // namespace drivers
