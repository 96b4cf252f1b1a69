// SPDX-License-Identifier: ISC
// A CDC device that sends back what it receives: bulk OUT and IN on endpoint 2, an interrupt endpoint 3 that never has
// anything to say.
#define PACKET0 64
#include "device.h"

static const u8 device_descriptor[18] = {18, 1, 0, 2, 2, 0, 0, PACKET0, 0x09, 0x12, 0x03, 0x00, 0, 1, 0, 0, 0, 1};
static const u8 configuration_descriptor[] = {
    9, 2,    67, 0,  2, 1, 0,    0x80, 50, 9, 4,    0,  0, 1, 2, 2, 1,    0, 5,  0x24, 0,   0x10, 1,
    5, 0x24, 1,  0,  1, 4, 0x24, 2,    2,  5, 0x24, 6,  0, 1, 7, 5, 0x83, 3, 8,  0,    255, 9,    4,
    1, 0,    2,  10, 0, 0, 0,    7,    5,  2, 2,    64, 0, 0, 7, 5, 0x82, 2, 64, 0,    0};

static int class_request(const u8* setup) {
    return setup[0] == 0x21 && setup[1] == 0x22;
}
static void configured(void) {
    ADDR_RX(2) = 0x100;
    COUNT_RX(2) = 0x8400;
    ADDR_TX(2) = 0x140;
    EPR(2) = 2;
    set_tx(2, stat_nak);
    set_rx(2, stat_valid);
    ADDR_TX(3) = 0x180;
    EPR(3) = 0x0603;
    set_tx(3, stat_nak);
}
static void serve_endpoint(unsigned n) {
    static u8 bytes[64];
    const u32 now = EPR(n);
    if (now & ctr_rx) {
        clear(n, ctr_rx);
        put_packet(n, bytes, get_packet(n, bytes));
    }
    if (now & ctr_tx) {
        clear(n, ctr_tx);
        set_rx(n, stat_valid);  // room again once the echo is out
    }
}

static void start_chip(void) {
    FLASH_ACR = 0x12;
    RCC(0) |= 1 << 16;
    while (!(RCC(0) & 1 << 17)) {
    }
    RCC(4) |= 0x001d0400;
    RCC(0) |= 1 << 24;
    while ((RCC(0) & 0x03000000) == 0) {  // PLLON is enough for this one: SWS is what counts
    }
    RCC(4) |= 2;
    while (!(RCC(4) & 8)) {
    }
    RCC(0x1c) |= 1 << 23;
    CNTR = 1;
    wait(10);
    CNTR = 0;
    ISTR = 0;
    CNTR = 0x8400;
    NVIC_ISER0 = 1 << 20;
}
