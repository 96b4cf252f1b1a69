// SPDX-License-Identifier: ISC
// Handles DADDR as papoon_usb does: EF is set when the driver starts, and a bus reset touches the register only if the
// device had an address.
#define ADDRESS_SET_ONCE
#define PACKET0 64
#define PRODUCT 0x12
#include "vendor_device.h"

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
