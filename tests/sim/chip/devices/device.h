// SPDX-License-Identifier: ISC
// A control endpoint served from the USB interrupt. The program that includes this says how it starts the chip
// (start_chip), which descriptors it has, which packet size and which width of USB register it uses, and what it does
// with other endpoints.
#pragma once

#include "chip.h"

enum { stat_stall = 1, stat_nak = 2, stat_valid = 3 };
enum { ctr_rx = 0x8000, ctr_tx = 0x0080, setup_flag = 0x0800, kept = 0x070f };

static void configured(void);
static void serve_endpoint(unsigned n);
static int class_request(const u8* setup);
static const u8 device_descriptor[18], configuration_descriptor[];
#ifdef ANSWERS_QUALIFIER
static const u8 device_qualifier[10];
#endif

static const u8* to_send;
static u32 left, address;
static int end_with_empty;

static void set_tx(unsigned n, unsigned stat) {
    const u32 now = EPR(n);
    EPR(n) = (now & kept) | ctr_rx | ctr_tx | ((now ^ stat << 4) & 0x30);
}
static void set_rx(unsigned n, unsigned stat) {
    const u32 now = EPR(n);
    EPR(n) = (now & kept) | ctr_rx | ctr_tx | ((now ^ stat << 12) & 0x3000);
}
static void clear(unsigned n, u32 flag) {
    EPR(n) = (EPR(n) & kept) | ((ctr_rx | ctr_tx) ^ flag);
}
static void put_packet(unsigned n, const u8* bytes, u32 length) {
    for (u32 at = 0; at < length; at += 2)
        PMA(ADDR_TX(n) + at) = (u16)(bytes[at] | (at + 1 < length ? bytes[at + 1] << 8 : 0));
    COUNT_TX(n) = (u16)length;
    set_tx(n, stat_valid);
}
static u32 get_packet(unsigned n, u8* bytes) {
    const u32 length = COUNT_RX(n) & 0x3ff;
    for (u32 at = 0; at < length; ++at)
        bytes[at] = (u8)(PMA(ADDR_RX(n) + (at & ~1u)) >> (8 * (at & 1)));
    return length;
}

static void send_more(void) {
    const u32 length = left < PACKET0 ? left : PACKET0;
    if (length == 0 && !end_with_empty) return;
    end_with_empty = end_with_empty && length == PACKET0;
    put_packet(0, to_send, length);
    to_send += length;
    left -= length;
}
static void send(const u8* bytes, u32 length, u32 wanted) {
    to_send = bytes;
    left = length < wanted ? length : wanted;
    end_with_empty = left == 0 || (left < wanted && left % PACKET0 == 0);
    send_more();
}

static void handle_setup(const u8* setup) {
    const u32 wanted = setup[6] | setup[7] << 8;
    const u32 request = setup[0] << 8 | setup[1];
    left = 0;
    end_with_empty = 0;
    if (request == 0x8006 && setup[3] == 1) return send(device_descriptor, 18, wanted);
#ifdef ANSWERS_QUALIFIER
    if (request == 0x8006 && setup[3] == 6) return send(device_qualifier, 10, wanted);
#endif
    if (request == 0x8006 && setup[3] == 2) return send(configuration_descriptor, configuration_descriptor[2], wanted);
    if (request == 0x0005) address = 0x80 | setup[2];
    if (request == 0x0009) configured();
    if (request == 0x0005 || request == 0x0009 || class_request(setup)) return send(0, 0, 0);
    set_tx(0, stat_stall);
}

static void serve_control(void) {
    u8 bytes[64];
    const u32 now = EPR(0);
    if (now & ctr_rx) {
        get_packet(0, bytes);
        clear(0, ctr_rx);
        if (now & setup_flag) handle_setup(bytes);
        set_rx(0, stat_valid);
    }
    if (now & ctr_tx) {
        clear(0, ctr_tx);
        if (address) DADDR = (u16)address;
        address = 0;
        send_more();
    }
}

static void bus_reset(void) {
    BTABLE = 0;
    ADDR_TX(0) = 0x40;
    ADDR_RX(0) = 0x80;
#ifndef NO_RECEIVE_SIZE
    COUNT_RX(0) = 0x8400;
#endif
    EPR(0) = 0x0200;
    set_tx(0, stat_nak);
    set_rx(0, stat_valid);
#ifdef ADDRESS_SET_ONCE
    if (DADDR & 0x7f) DADDR = 0x80;
#else
    DADDR = 0x80;
#endif
}

static void usb_interrupt(void) {
    const u32 flags = ISTR;
    if (flags & 0x0400) {
        ISTR = (u16)~0x0400;
        bus_reset();
        return;
    }
    if (flags & 0x8000) {
        if ((flags & 0xf) == 0)
            serve_control();
        else
            serve_endpoint(flags & 0xf);
    }
    ISTR = (u16) ~(flags & 0x7f00);
}
