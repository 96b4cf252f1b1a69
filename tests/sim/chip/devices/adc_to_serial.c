// SPDX-License-Identifier: ISC
// No USB: a voltmeter on a serial line. ADC1 converts PA0 and PA1 again and again, DMA1 puts the values into memory,
// the same values go out over SPI1, and a '?' that comes in at USART1 is answered with both in hexadecimal, by DMA,
// too.
#include <stdint.h>

#define REG(address) (*(volatile uint32_t*)(address))
#define RCC(offset) REG(0x40021000u + (offset))
#define GPIOA(offset) REG(0x40010800u + (offset))
#define ADC1(offset) REG(0x40012400u + (offset))
#define SPI1(offset) REG(0x40013000u + (offset))
#define USART1(offset) REG(0x40013800u + (offset))
#define DMA1(offset) REG(0x40020000u + (offset))

static volatile uint16_t* const values = (uint16_t*)0x20000100;
static char* const text = (char*)0x20000110;

static void put_hexadecimal(char* at, unsigned value) {
    for (int digit = 0; digit < 3; ++digit) {
        const unsigned nibble = value >> (8 - 4 * digit) & 15;
        at[digit] = (char)(nibble < 10 ? '0' + nibble : 'a' + nibble - 10);
    }
}

static void usart1(void) {
    if (USART1(4) != '?') return;
    put_hexadecimal(text, values[0]);
    text[3] = ' ';
    put_hexadecimal(text + 4, values[1]);
    text[7] = '\n';
    DMA1(0x44) = 0;  // channel 4: USART1_TX
    DMA1(0x48) = 8;
    DMA1(0x4c) = 0x40013804u;
    DMA1(0x50) = (uint32_t)text;
    DMA1(0x44) = 1 | 1 << 4 | 1 << 7;
}

static void reset(void) {
    RCC(0x14) |= 1;                                   // DMA1
    RCC(0x18) = 1 << 2 | 1 << 9 | 1 << 12 | 1 << 14;  // port A, ADC1, SPI1, USART1
    GPIOA(0) = 0xb4b34400;                            // PA0, PA1 analog, PA4 output, SCK, MISO, MOSI
    GPIOA(4) = 0x444444b4;                            // TX, RX
    GPIOA(0x10) = 1 << 4;

    DMA1(0x0c) = 2;  // channel 1: ADC1
    DMA1(0x10) = 0x4001244cu;
    DMA1(0x14) = (uint32_t)values;
    DMA1(0x08) = 1 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 10;
    ADC1(0x08) = 1;
    for (volatile int round = 0; round < 20; ++round) {
    }
    ADC1(0x08) = 1 | 4;
    while (ADC1(0x08) & 4) {
    }
    ADC1(0x04) = 1 << 8;
    ADC1(0x2c) = 1 << 20;
    ADC1(0x34) = 0 | 1 << 5;
    ADC1(0x08) = 1 | 2 | 1 << 8 | 7 << 17 | 1 << 20 | 1 << 22;

    USART1(0x08) = 69;  // 115,200 Bd of 8 MHz
    USART1(0x14) = 1 << 7;
    USART1(0x0c) = 1 << 13 | 1 << 5 | 1 << 3 | 1 << 2;
    REG(0xe000e104u) = 1 << 5;

    SPI1(0) = 1 << 2 | 1 << 6 | 1 << 8 | 1 << 9 | 1 << 11 | 2 << 3;
    for (;;) {
        GPIOA(0x14) = 1 << 4;
        SPI1(0x0c) = values[0];
        while (!(SPI1(8) & 1)) {
        }
        values[2] = (uint16_t)SPI1(0x0c);
        GPIOA(0x10) = 1 << 4;
        for (volatile int round = 0; round < 200; ++round) {
        }
    }
}
static void unexpected(void) {
    for (;;) {
    }
}
__attribute__((section(".vectors"), used)) static void* const vectors[16 + 38] = {(void*)0x20005000, reset, unexpected,
                                                                                  unexpected, [16 + 37] = usart1};
