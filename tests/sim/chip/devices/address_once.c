// SPDX-License-Identifier: ISC
// Handles DADDR as papoon_usb does: EF is set when the driver starts, and a bus reset touches the register only if the
// device had an address.
#define ADDRESS_SET_ONCE
#define PACKET0 64
#include "device.h"

static const u8 device_descriptor[18] = {18, 1, 0x00, 2, 0, 0, 0, PACKET0, 0x09, 0x12, 0x12, 0x00, 0, 2, 0, 0, 0, 1};
static const u8 configuration_descriptor[] = {9, 2, 18, 0, 1, 1, 0, 0xc0, 50, 9, 4, 0, 0, 0, 0xff, 0, 0, 0};

static int class_request(const u8* setup) {
    (void)setup;
    return 0;
}
static void configured(void) {}
static void serve_endpoint(unsigned n) {
    clear(n, ctr_rx | ctr_tx);
}

static void start_chip(void) {
    start_clocks();
    CNTR = 1;
    wait(20);
    CNTR = 0;
    ISTR = 0;
    CNTR = 0x8400;
    DADDR = 0x80;
    NVIC_ISER0 = 1 << 20;
}
