/* SPDX-License-Identifier: ISC */
/* An application that moves its vector table into RAM, so that it can change handlers while it runs: the LED on PC13 of
 * a Blue Pill toggles once a second from a handler that was put there at run time.
 *
 * It copies the table from where VTOR points, not from a fixed address, and so runs behind the standard bootloader as
 * well as below a high-memory one. */
#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t*)(address))
#define RCC_APB2ENR REGISTER(0x40021018)
#define GPIOC_CRH REGISTER(0x40011004)
#define GPIOC_ODR REGISTER(0x4001100C)
#define STK_CTRL REGISTER(0xE000E010)
#define STK_LOAD REGISTER(0xE000E014)
#define STK_VAL REGISTER(0xE000E018)
#define SCB_VTOR REGISTER(0xE000ED08)

enum { entries = 16 + 60, systick_entry = 15 };

/* VTOR takes a table that is aligned to its length, rounded up to a power of two (PM0056 section 4.4.4): 76 words. */
static uint32_t table[entries] __attribute__((aligned(512)));

static void toggle(void) {
    GPIOC_ODR ^= UINT32_C(1) << 13;
}

int main(void) {
    const volatile uint32_t* const original = (const volatile uint32_t*)(uintptr_t)SCB_VTOR;
    for (uint32_t i = 0; i != entries; ++i)
        table[i] = original[i];
    table[systick_entry] = (uint32_t)(uintptr_t)toggle;
    SCB_VTOR = (uint32_t)(uintptr_t)table;

    RCC_APB2ENR |= UINT32_C(1) << 4; /* IOPCEN */
    GPIOC_ODR |= UINT32_C(1) << 13;
    GPIOC_CRH = (GPIOC_CRH & ~(UINT32_C(0xF) << 20)) | UINT32_C(0x6) << 20; /* open drain, 2 MHz */
    STK_LOAD = 8000000 - 1;
    STK_VAL = 0;
    STK_CTRL = 7;
    for (;;)
        __asm__ volatile("wfi");
}
