// SPDX-License-Identifier: ISC
// Starts USB as the widely used HID bootloaders do: FRES set and cleared without a pause, RESET awaited, and an
// interrupt mask of RESETM, SUSPM and WKUPM: CTRM stays 0, and the device lives by its interrupt all the same. The
// receive buffer of endpoint 0 gets no size either.
#define NO_RECEIVE_SIZE
#define PACKET0 8
#include "device.h"

static const u8 device_descriptor[18] = {18, 1, 0x00, 2, 0, 0, 0, PACKET0, 0x09, 0x12, 0x11, 0x00, 0, 2, 0, 0, 0, 1};
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
    NVIC_ISER0 = 1 << 20;
    CNTR = 1;
    CNTR = 0;
    while (!(ISTR & 0x0400)) {
    }
    ISTR = 0;
    CNTR = 0x1c00;
}
