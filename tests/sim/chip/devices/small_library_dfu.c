// SPDX-License-Identifier: ISC
// A DFU device as the small open libraries start one: HSE first and then the PLL, words at every USB register, DP
// pulled low by hand, the USB device switched on in one write without a pause, a backup register read before its clock
// is on.
#define USB_WORDS
#define PACKET0 64
#include "device.h"

static const u8 device_descriptor[18] = {18, 1, 0, 2, 0, 0, 0, PACKET0, 0x09, 0x12, 0x01, 0x00, 0, 1, 0, 0, 0, 1};
static const u8 configuration_descriptor[] = {9,    2, 27, 0, 1, 1,    0, 0x80, 50, 9, 4, 0,    0, 0,
                                              0xfe, 1, 2,  0, 9, 0x21, 5, 255,  0,  0, 4, 0x10, 1};

static void configured(void) {}
static void serve_endpoint(unsigned n) {
    (void)n;
}
static int class_request(const u8* setup) {
    return setup[0] == 0x21 && setup[1] == 6;
}

static void start_chip(void) {
    const u16 command = REG16(0x40006c04);  // without clock: 0
    RCC(0) |= 1;
    while (!(RCC(0) & 2)) {
    }
    RCC(4) &= ~3u;
    RCC(0) |= 1 << 16;
    while (!(RCC(0) & 1 << 17)) {
    }
    RCC(4) = (RCC(4) & ~3u) | 1;
    RCC(4) = (RCC(4) & ~0xfff0u) | 0xc400u;
    FLASH_ACR = (FLASH_ACR & ~7u) | 2;
    RCC(4) = (RCC(4) & ~0x3c0000u) | 7u << 18;
    RCC(4) |= 1 << 16;
    RCC(4) &= ~(1u << 17);
    RCC(0) |= 1 << 24;
    while (!(RCC(0) & 1 << 25)) {
    }
    RCC(4) = (RCC(4) & ~3u) | 2;
    RCC(0x1c) |= 3u << 27;
    REG32(0x40007000) |= 1 << 8;
    REG16(0x40006c04) = (u16)(command + 1);
    REG32(0x40007000) &= ~(1u << 8);

    RCC(0x18) |= 4;
    GPIOA(4) = (GPIOA(4) & ~0xf0000u) | 1u << 16;
    RCC(0x10) |= 1 << 23;
    RCC(0x10) &= ~(1u << 23);
    GPIOA(0x10) = 1 << 28;
    wait(2000);
    RCC(0x1c) |= 1 << 23;
    CNTR = 0;
    BTABLE = 0;
    ISTR = 0;
    CNTR = 0x9c00;
    NVIC_ISER0 = 1 << 20;
}
