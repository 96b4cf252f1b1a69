/* SPDX-License-Identifier: ISC */
/* What ST's file of this name does where it touches the vector table: it sets VTOR, if the project asks for it. */
#include <stdint.h>

uint32_t SystemCoreClock = 8000000;

void SystemInit(void);
void SystemInit(void) {
#ifdef USER_VECT_TAB_ADDRESS
    *(volatile uint32_t*)0xE000ED08 = 0x08000000u | VECT_TAB_OFFSET;
#endif
}
