/* SPDX-License-Identifier: ISC */
/* An application that proves it is alive. The LED on PC13 of a Blue Pill toggles once a second, and the independent
 * watchdog (RM0008 section 19) is fed each time round. Connect PB12 to ground and it hangs: the chip resets 2 s later.
 *
 * Behind a bootloader with BOOT_WATCHDOG_SECONDS the watchdog is running already, and its reset ends in DFU mode, so
 * that an application that hangs can always be replaced. Behind any other one it starts here. */
#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t*)(address))
#define RCC_APB2ENR REGISTER(0x40021018)
#define GPIOB_CRH REGISTER(0x40010C04)
#define GPIOB_IDR REGISTER(0x40010C08)
#define GPIOB_ODR REGISTER(0x40010C0C)
#define GPIOC_CRH REGISTER(0x40011004)
#define GPIOC_ODR REGISTER(0x4001100C)
#define IWDG_KR REGISTER(0x40003000)
#define IWDG_PR REGISTER(0x40003004)
#define IWDG_RLR REGISTER(0x40003008)
#define IWDG_SR REGISTER(0x4000300C)
#define STK_CTRL REGISTER(0xE000E010)
#define STK_LOAD REGISTER(0xE000E014)
#define STK_VAL REGISTER(0xE000E018)

enum { feed = 0xAAAA, unlock = 0x5555, start = 0xCCCC };

static void start_watchdog(void) {
    IWDG_KR = start; /* switches its 40 kHz oscillator on, too */
    IWDG_KR = unlock;
    IWDG_PR = 3; /* 40 kHz / 32 */
    IWDG_RLR = 2500;
    while (IWDG_SR != 0) { /* takes over at its own clock's pace */
    }
    IWDG_KR = feed;
}

int main(void) {
    RCC_APB2ENR |= UINT32_C(3) << 3; /* IOPBEN, IOPCEN */
    GPIOB_ODR |= UINT32_C(1) << 12;
    GPIOB_CRH = (GPIOB_CRH & ~(UINT32_C(0xF) << 16)) | UINT32_C(0x8) << 16; /* PB12: pulled up */
    GPIOC_ODR |= UINT32_C(1) << 13;
    GPIOC_CRH = (GPIOC_CRH & ~(UINT32_C(0xF) << 20)) | UINT32_C(0x6) << 20; /* PC13: open drain, 2 MHz */
    start_watchdog();

    STK_LOAD = 8000000 / 2 - 1; /* half a second of 8 MHz */
    STK_VAL = 0;
    STK_CTRL = 5; /* the core's clock, no interrupt */
    for (uint32_t halves = 0;; ++halves) {
        while ((STK_CTRL & UINT32_C(1) << 16) == 0) { /* COUNTFLAG */
        }
        while ((GPIOB_IDR & UINT32_C(1) << 12) == 0) { /* the hang that somebody asked for */
        }
        IWDG_KR = feed;
        if (halves % 2 == 1) GPIOC_ODR ^= UINT32_C(1) << 13;
    }
}
