/* SPDX-License-Identifier: ISC */
/* A project that knows nothing of bootloaders: it needs its interrupts, its C library, and variables with values. */
#include <stdint.h>
#include <string.h>

#define RCC_APB2ENR (*(volatile uint32_t*)0x40021018)
#define GPIOC_CRH (*(volatile uint32_t*)0x40011004)
#define GPIOC_ODR (*(volatile uint32_t*)0x4001100C)
#define STK_CTRL (*(volatile uint32_t*)0xE000E010)
#define STK_LOAD (*(volatile uint32_t*)0xE000E014)

extern uint32_t SystemCoreClock;
static char message[16] = "dark";
static uint32_t constructed;

__attribute__((constructor)) static void construct(void) {
    constructed = 1;
}

void SysTick_Handler(void);
void SysTick_Handler(void) {
    strcpy(message, strcmp(message, "dark") == 0 ? "light" : "dark");
    if (constructed) GPIOC_ODR ^= 1u << 13;
}

int main(void) {
    RCC_APB2ENR |= 1u << 4;
    GPIOC_CRH = (GPIOC_CRH & ~0xF00000u) | 0x600000u;
    STK_LOAD = SystemCoreClock - 1;
    STK_CTRL = 7;
    for (;;) {
    }
}
