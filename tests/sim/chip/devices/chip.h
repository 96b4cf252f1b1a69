// SPDX-License-Identifier: ISC
// What the test devices know of the chip: registers, packet memory, clocks and vectors. The program that includes this
// has start_chip() and usb_interrupt().
#pragma once

#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;

#define REG32(address) (*(volatile u32*)(address))
#define REG16(address) (*(volatile u16*)(address))
#define RCC(offset) REG32(0x40021000u + (offset))
#define FLASH_ACR REG32(0x40022000u)
#define GPIOA(offset) REG32(0x40010800u + (offset))
#define NVIC_ISER0 REG32(0xe000e100u)
#ifdef USB_WORDS
#define USB(offset) REG32(0x40005c00u + (offset))
#else
#define USB(offset) REG16(0x40005c00u + (offset))
#endif
#define EPR(n) USB(4 * (n))
#define CNTR USB(0x40)
#define ISTR USB(0x44)
#define DADDR USB(0x4c)
#define BTABLE USB(0x50)
#define PMA(at) REG16(0x40006000u + 2 * (at))
#define ADDR_TX(n) PMA(8 * (n))
#define COUNT_TX(n) PMA(8 * (n) + 2)
#define ADDR_RX(n) PMA(8 * (n) + 4)
#define COUNT_RX(n) PMA(8 * (n) + 6)

static void start_chip(void);
static void usb_interrupt(void);

// 72 MHz from a crystal of 8, USB's clock and gate.
static inline void start_clocks(void) {
    FLASH_ACR = 0x12;
    RCC(0) |= 1 << 16;
    while (!(RCC(0) & 1 << 17)) {
    }
    RCC(4) |= 0x001d0400;
    RCC(0) |= 1 << 24;
    while (!(RCC(0) & 1 << 25)) {
    }
    RCC(4) |= 2;
    while ((RCC(4) & 0xc) != 8) {
    }
    RCC(0x1c) |= 1 << 23;
}

static inline void wait(u32 rounds) {
    for (volatile u32 round = 0; round < rounds; ++round) {
    }
}

extern u32 bss_start, bss_end;
static void reset(void) {
    for (u32* word = &bss_start; word < &bss_end; ++word)
        *word = 0;
    start_chip();
    for (;;)
        __asm__ volatile("wfi");
}
static void unexpected(void) {
    for (;;) {
    }
}
#ifndef HAS_SYSTICK
#define systick unexpected
#else
static void systick(void);
#endif
__attribute__((section(".vectors"), used)) static void* const vectors[] = {
    (void*)0x20005000, reset,      unexpected, unexpected, unexpected, unexpected,
    unexpected,        0,          0,          0,          0,          unexpected,
    unexpected,        0,          unexpected, systick,    unexpected, unexpected,
    unexpected,        unexpected, unexpected, unexpected, unexpected, unexpected,
    unexpected,        unexpected, unexpected, unexpected, unexpected, unexpected,
    unexpected,        unexpected, unexpected, unexpected, unexpected, unexpected,
    usb_interrupt};
