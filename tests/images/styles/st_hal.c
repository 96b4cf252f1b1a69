/* SPDX-License-Identifier: ISC
 * Handlers as a code generator of ST writes them: faults stay in a loop, the others are empty or count. */
#include "work.h"

void SystemInit(void) {
    *(volatile uint32_t*)0x40021000 |= 1;
    *(volatile uint32_t*)0x40021004 &= 0xF8FF0000;
}
void NMI_Handler(void) {}
void HardFault_Handler(void) {
    while (1) {
    }
}
void MemManage_Handler(void) {
    while (1) {
    }
}
void BusFault_Handler(void) {
    while (1) {
    }
}
void UsageFault_Handler(void) {
    while (1) {
    }
}
void SVC_Handler(void) {}
void DebugMon_Handler(void) {}
void PendSV_Handler(void) {}
static uint32_t frequency = 1;
__attribute__((noinline)) void HAL_IncTick(void) {
    work_ticks += frequency;
}
void SysTick_Handler(void) {
    HAL_IncTick();
}

static struct {
    volatile uint32_t* instance;
    uint8_t buffer[32];
    uint32_t at;
} uart = {.instance = (volatile uint32_t*)0x40013800};
__attribute__((noinline)) static void HAL_UART_IRQHandler(void) {
    if (uart.instance[0] & 0x20) uart.buffer[uart.at++ % 32] = (uint8_t)uart.instance[1];
    if (uart.at == 32) uart.at = work_checksum(uart.buffer, 32) & 1;
}
void USART1_IRQHandler(void) {
    HAL_UART_IRQHandler();
}
void USB_LP_IRQHandler(void) {
    volatile uint16_t* const istr = (volatile uint16_t*)0x40005C44;
    if (*istr & 0x400) *istr = (uint16_t)~0x400;
    HAL_IncTick();
}
int main(void) {
    work_setup();
    for (;;)
        work_loop();
}
