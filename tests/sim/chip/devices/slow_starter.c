// SPDX-License-Identifier: ISC
// On a board with a fixed pull-up this device is on the bus at once, and its program is busy with other things for a
// third of a second before it looks at USB. It also answers the request for a device qualifier, which full speed does
// not have.
#define ANSWERS_QUALIFIER
#define PACKET0 64
#define PRODUCT 0x13
#include "vendor_device.h"

static const u8 device_qualifier[10] = {10, 6, 0, 2, 0, 0, 0, PACKET0, 1, 0};

static void start_chip(void) {
    start_clocks();
    wait(1500000);
    CNTR = 1;
    wait(20);
    CNTR = 0;
    ISTR = 0;
    CNTR = 0x8400;
    NVIC_ISER0 = 1 << 20;
}
