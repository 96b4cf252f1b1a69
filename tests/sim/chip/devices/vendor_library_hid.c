// SPDX-License-Identifier: ISC
// A HID device as the chip vendor's libraries start one: RCC put back to its reset state first, interrupt grouping, a
// SysTick interrupt, half-words at the USB registers, FRES and a wait for the RESET flag. It also does what bootloaders
// in the field do: it shuts USB down before USB has a clock, and gives the receive buffer of endpoint 0 no size.
#define NO_RECEIVE_SIZE
#define HAS_SYSTICK
#define PACKET0 8
#include "device.h"

static const u8 device_descriptor[18] = {18, 1, 0x10, 1, 0, 0, 0, PACKET0, 0x09, 0x12, 0x02, 0x00, 0, 2, 0, 0, 0, 1};
static const u8 configuration_descriptor[] = {9, 2, 34,   0,    1, 1, 0, 0xc0, 50, 9, 4, 0, 0,    1, 3, 0, 0,
                                              0, 9, 0x21, 0x11, 1, 0, 1, 0x22, 32, 0, 7, 5, 0x81, 3, 8, 0, 5};
static u32 ticks;
static u8 report[8];

static void systick(void) {
    ++ticks;
}
static int class_request(const u8* setup) {
    return setup[0] == 0x21;
}
static void next_report(void) {
    ++report[0];
    report[1] = (u8)ticks;
    put_packet(1, report, sizeof report);
}
static void configured(void) {
    ADDR_TX(1) = 0x100;
    EPR(1) = 0x0601;
    next_report();
}
static void serve_endpoint(unsigned n) {
    clear(n, ctr_tx);
    next_report();
}

static void start_chip(void) {
    RCC(0) |= 1;
    RCC(4) &= 0xf8ff0000;
    RCC(0) &= 0xfef6ffff;
    RCC(0) &= 0xfffbffff;
    RCC(4) &= 0xff80ffff;
    RCC(8) = 0x009f0000;
    REG32(0xe000ed08) = 0x08000000;

    ISTR = 0;  // no clock yet
    CNTR = 3;

    FLASH_ACR |= 0x10;
    RCC(0) |= 1 << 16;
    while (!(RCC(0) & 1 << 17)) {
    }
    FLASH_ACR = (FLASH_ACR & ~7u) | 1;
    RCC(4) |= 0x400;
    RCC(4) &= ~0x3f0000u;
    RCC(4) |= 1 << 16 | 4 << 18;  // 48 MHz, as it is for USB
    RCC(4) |= 1 << 22;
    RCC(0) |= 1 << 24;
    while (!(RCC(0) & 1 << 25)) {
    }
    RCC(4) = (RCC(4) & ~3u) | 2;
    while ((RCC(4) & 0xc) != 8) {
    }
    REG32(0xe000ed0c) = 0x05fa0300;
    REG32(0xe000e014) = 48000 - 1;
    REG32(0xe000e018) = 0;
    REG32(0xe000e010) = 7;
    *(volatile u8*)0xe000ed23 = 0xf0;

    RCC(0x18) |= 5;
    REG32(0x40010004) |= 2 << 24;  // AFIO: serial wire only
    RCC(0x1c) |= 1 << 23;
    CNTR = 1;
    CNTR = 0;
    while (!(ISTR & 0x0400)) {
    }
    ISTR = 0;
    CNTR = 0xbf00;
    *(volatile u8*)(0xe000e400 + 20) = 0x10;
    NVIC_ISER0 = 1 << 20;
}
