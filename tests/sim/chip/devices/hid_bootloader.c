// SPDX-License-Identifier: ISC
// Starts USB as the widely used HID bootloaders do: FRES set and cleared without a pause, RESET awaited, and an
// interrupt mask of RESETM, SUSPM and WKUPM: CTRM stays 0, and the device lives by its interrupt all the same. The
// receive buffer of endpoint 0 gets no size either.
#define NO_RECEIVE_SIZE
#define PACKET0 8
#define PRODUCT 0x11
#include "vendor_device.h"

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
