// SPDX-License-Identifier: ISC
// No USB: TIM2 puts a PWM signal of 1 kHz on PA0, a quarter high, and counts compare interrupts of channel 2.
#include <stdint.h>

#define REG(address) (*(volatile uint32_t*)(address))
#define TIM2(offset) REG(0x40000000u + (offset))

static volatile uint32_t* const count = (uint32_t*)0x20000100;

static void tim2(void) {
    TIM2(0x10) = ~4u & 0xffff;
    ++*count;
}
static void reset(void) {
    *count = 0;
    REG(0x4002101cu) = 1;
    REG(0x40021018u) = 4;
    REG(0x40010800u) = 0x4444444b;
    TIM2(0x28) = 7;  // 1 MHz
    TIM2(0x2c) = 999;
    TIM2(0x34) = 250;
    TIM2(0x38) = 500;
    TIM2(0x18) = 0x0068;
    TIM2(0x20) = 1;
    TIM2(0x0c) = 4;
    TIM2(0x14) = 1;
    TIM2(0x10) = 0;
    REG(0xe000e100u) = 1u << 28;
    TIM2(0x00) = 0x81;
    for (;;)
        __asm__ volatile("wfi");
}
static void unexpected(void) {
    for (;;) {
    }
}
__attribute__((section(".vectors"), used)) static void* const vectors[16 + 29] = {(void*)0x20005000, reset, unexpected,
                                                                                  unexpected, [16 + 28] = tim2};
