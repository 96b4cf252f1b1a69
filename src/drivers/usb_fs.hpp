// SPDX-License-Identifier: ISC
// Endpoint 0 of the USB full-speed device interface, polled (RM0008 section 23).
//
// Assumes the peripheral's clock is on and that 48 MHz reach it. Knows packets and handshakes, and nothing of what they
// mean. Each direction has two buffers that take turns, so that one can be on the wire while the other is copied: a
// packet is accepted, or sent, or refused when its token has been received (section 23.4.2), 3 us after the packet
// before at worst.
#pragma once

#include "chip/flash.hpp"
#include "chip/usb.hpp"
#include "drivers/timer.hpp"

namespace drivers {

class UsbFs {
  public:
    using Epr = chip::Epr;
    using Stat = chip::Stat;

    /** Gives DP and DM back to the GPIO port. */
    static void power_down() { chip::usb->CNTR = chip::usb_bits::CNTR_PDWN | chip::usb_bits::CNTR_FRES; }

    /** Starts to listen (RM0008 section 23.4.2). From here on the transceiver owns DP and DM. */
    static void start() {
        chip::usb->CNTR = chip::usb_bits::CNTR_FRES;
        wait_cycles(72);  // tSTARTUP, 1 us (datasheet)
        chip::usb->CNTR = 0;
        chip::usb->ISTR = 0;
    }

    /** Whether the host has reset the bus since this was last asked. */
    static bool take_reset() {
        using namespace chip::usb_bits;
        if ((chip::usb->ISTR & ISTR_RESET) == 0) return false;
        chip::usb->ISTR = 0;  // clears where 0 is written; of the others nothing is asked
        return true;
    }

    /** Makes endpoint 0 ready for a first SETUP, at address 0. */
    static void open_endpoint() {
        using chip::packet_memory;
        packet_memory->half_word[0] = tx_buffers;  // ADDR0_TX; BTABLE is 0 after reset
        packet_memory->half_word[2] = rx_buffers;  // ADDR0_RX
        packet_memory->half_word[3] = 0x8400;      // COUNT0_RX: BL_SIZE 1, NUM_BLOCK 1: 64 bytes (RM0008 table 177)
        // A packet that arrived before the reset and was never served leaves CTR_RX set, and with it an endpoint that
        // answers nothing any more: all CTR are cleared here. STAT is "disabled" now, so these bits toggle it.
        write_endpoint(Epr{Epr::CTR_RX | Epr::CTR_TX | Epr::CONTROL}.served(Epr::stats(Stat::nak, Stat::nak)));
        set_address(0);
    }

    static void set_address(std::uint8_t address) { chip::usb->DADDR = chip::usb_bits::DADDR_EF | address; }

    static Epr endpoint() { return {chip::usb->EPR[0].half_word}; }
    static void write_endpoint(Epr epr) { chip::usb->EPR[0].half_word = epr.value; }

    /** Bytes of the packet that was received: 0 to 64. */
    static std::uint32_t received() { return chip::packet_memory->half_word[3] & 0x3FF; }

    /** Takes the buffer with the packet that was received, for unload(), and offers the other one for the next. */
    static void swap_receive_buffers() {
        chip::packet_memory->half_word[2] = chip::packet_memory->half_word[2] ^ max_packet_size;
    }

    /**
     * Copies the packet in the buffer that was taken, by half-words, as packet memory has it: behind an odd number of
     * bytes one more is written.
     */
    [[gnu::noinline]] static void unload(std::uint8_t* data, std::uint32_t length) {
        std::uint32_t from = other_buffer(chip::packet_memory->half_word[2]);
        for (const std::uint8_t* end = data + length; data < end; data += 2)
            store_half_word(data, static_cast<std::uint16_t>(chip::packet_memory->half_word[from++]));
    }

    /** Copies a packet of `length` bytes, 0 to 64, into the buffer that is not in use. */
    static void load(const std::uint8_t* data, std::uint32_t length) {
        std::uint32_t to = other_buffer(chip::packet_memory->half_word[0]);
        for (; length >= 2; length -= 2, data += 2)
            chip::packet_memory->half_word[to++] = load_half_word(data);
        if (length != 0) chip::packet_memory->half_word[to] = *data;  // behind an odd end there may be no memory
    }

    /** Offers the packet that was loaded last, `length` bytes, to the next IN. */
    [[gnu::noinline]] static void transmit(std::uint32_t length) {
        chip::packet_memory->half_word[0] = chip::packet_memory->half_word[0] ^ max_packet_size;
        chip::packet_memory->half_word[1] = length;  // COUNT0_TX
    }

    /** The 96-bit unique device ID of the chip, from which the serial number is made. */
    static const std::uint32_t* unique_id() { return chip::unique_id(); }

  private:
    /** Index of the first half-word of the other buffer. @param address  of the one that the peripheral uses */
    static std::uint32_t other_buffer(std::uint32_t address) { return (address ^ max_packet_size) / 2; }

    // The Cortex-M3 reads and writes half-words at odd addresses too.
    static std::uint16_t load_half_word(const std::uint8_t* from) {
        std::uint16_t half_word;
        __builtin_memcpy(&half_word, from, sizeof half_word);
        return half_word;
    }
    static void store_half_word(std::uint8_t* to, std::uint16_t half_word) {
        __builtin_memcpy(to, &half_word, sizeof half_word);
    }

    static constexpr std::uint32_t max_packet_size = 64;
    // Bytes from the start of packet memory. Bit 6 tells the two buffers of a direction apart.
    static constexpr std::uint32_t rx_buffers = 0x80, tx_buffers = 0x100;
};

}  // namespace drivers
