/* SPDX-License-Identifier: ISC */
/* The clock tree (RM0008 section 7.2) as USB needs it. */
#include "clock.h"

#include "registers.h"

enum { core_clock_hz = 72000000 };

/* USB needs 48 MHz to 0.25 %, which only a crystal gives: HSE 8 MHz * 9 = 72 MHz, and the USB prescaler of 1.5 that it
 * has after reset. Without a crystal this waits for ever. */
void clock_start(void) {
    RCC_CR |= RCC_CR_HSEON;
    while ((RCC_CR & RCC_CR_HSERDY) == 0) {
    }
    FLASH_ACR = FLASH_ACR_PRFTBE | FLASH_ACR_LATENCY_2;                      /* before the core gets fast */
    RCC_CFGR = RCC_CFGR_PLLSRC_HSE | RCC_CFGR_PLLMUL9 | RCC_CFGR_PPRE1_DIV2; /* APB1: 36 MHz */
    RCC_CR |= RCC_CR_PLLON;
    while ((RCC_CR & RCC_CR_PLLRDY) == 0) {
    }
    RCC_CFGR |= RCC_CFGR_SW_PLL;
    while ((RCC_CFGR & RCC_CFGR_SWS) != RCC_CFGR_SWS_PLL) {
    }
}

/* SysTick counts cycles of the core (PM0056 section 4.5). */
void delay_ms(uint32_t milliseconds) {
    STK_LOAD = core_clock_hz / 1000 - 1;
    STK_VAL = 0;
    STK_CTRL = STK_CTRL_CLKSOURCE | STK_CTRL_ENABLE;
    for (; milliseconds != 0; --milliseconds) {
        while ((STK_CTRL & STK_CTRL_COUNTFLAG) == 0) {
        }
    }
    STK_CTRL = 0;
}
