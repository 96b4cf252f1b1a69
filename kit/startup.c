/* SPDX-License-Identifier: ISC */
/* Startup for applications in C: the vector table and what happens between reset and main. The handlers have the names
 * that CMSIS gives them (SysTick_Handler, USART1_IRQHandler); define those that you use. C99 with GNU attributes.
 *
 * 1. The core loads the stack pointer and enters Reset_Handler. No variable has its value yet.
 * 2. .data is copied from flash, .bss cleared; SystemInit, if there is one, and constructors run.
 * 3. main() runs, on the internal 8 MHz oscillator: the bootloader leaves the chip as after reset, VTOR set. */
#include <stdint.h>

/* Symbols of application.ld; only their addresses mean something. */
extern uint32_t data_begin[], data_end[], bss_begin[], bss_end[], stack_top[];
extern const uint32_t data_load[];
typedef void (*handler)(void);
extern const handler init_array_begin[], init_array_end[];

int main(void);
void SystemInit(void);
void Reset_Handler(void);
void Default_Handler(void);

void Default_Handler(void) {
    for (;;) {
    }
}
__attribute__((weak)) void SystemInit(void) {}

/* gcc may turn loops into calls of memcpy and memset, which are not there when no library is linked. */
__attribute__((noreturn, optimize("no-tree-loop-distribute-patterns"))) void Reset_Handler(void) {
    const uint32_t* from = data_load;
    uint32_t* to;
    const handler* constructor;
    for (to = data_begin; to != data_end; ++to)
        *to = *from++;
    for (to = bss_begin; to != bss_end; ++to)
        *to = 0;
    SystemInit();
    for (constructor = init_array_begin; constructor != init_array_end; ++constructor)
        (*constructor)();
    (void)main();
    Default_Handler();
    for (;;) {
    }
}

/* RM0008 section 10.1.2: the exceptions of the core, then 60 interrupts of the chip. */
/* clang-format off */
#define EXCEPTIONS(X) \
    X(NMI) X(HardFault) X(MemManage) X(BusFault) X(UsageFault) X(SVC) X(DebugMon) X(PendSV) X(SysTick)
#define INTERRUPTS(X) \
    X(WWDG) X(PVD) X(TAMPER) X(RTC) X(FLASH) X(RCC) X(EXTI0) X(EXTI1) X(EXTI2) X(EXTI3) X(EXTI4) \
    X(DMA1_Channel1) X(DMA1_Channel2) X(DMA1_Channel3) X(DMA1_Channel4) X(DMA1_Channel5) X(DMA1_Channel6) \
    X(DMA1_Channel7) X(ADC1_2) X(USB_HP_CAN1_TX) X(USB_LP_CAN1_RX0) X(CAN1_RX1) X(CAN1_SCE) X(EXTI9_5) \
    X(TIM1_BRK) X(TIM1_UP) X(TIM1_TRG_COM) X(TIM1_CC) X(TIM2) X(TIM3) X(TIM4) X(I2C1_EV) X(I2C1_ER) X(I2C2_EV) \
    X(I2C2_ER) X(SPI1) X(SPI2) X(USART1) X(USART2) X(USART3) X(EXTI15_10) X(RTC_Alarm) X(USBWakeUp) X(TIM8_BRK) \
    X(TIM8_UP) X(TIM8_TRG_COM) X(TIM8_CC) X(ADC3) X(FSMC) X(SDIO) X(TIM5) X(SPI3) X(UART4) X(UART5) X(TIM6) \
    X(TIM7) X(DMA2_Channel1) X(DMA2_Channel2) X(DMA2_Channel3) X(DMA2_Channel4_5)
/* clang-format on */

#define WEAK __attribute__((weak, alias("Default_Handler")))
#define DECLARE_EXCEPTION(name) void name##_Handler(void) WEAK;
#define DECLARE_INTERRUPT(name) void name##_IRQHandler(void) WEAK;
#define INTERRUPT(name) name##_IRQHandler,

EXCEPTIONS(DECLARE_EXCEPTION)
INTERRUPTS(DECLARE_INTERRUPT)

struct vector_table {
    uint32_t* initial_stack_pointer;
    handler exceptions[15];
    handler interrupts[60];
};

extern const struct vector_table vectors;
__attribute__((section(".vectors"), used)) const struct vector_table vectors = {
    stack_top,
    {Reset_Handler, NMI_Handler, HardFault_Handler, MemManage_Handler, BusFault_Handler, UsageFault_Handler, 0, 0, 0, 0,
     SVC_Handler, DebugMon_Handler, 0, PendSV_Handler, SysTick_Handler},
    {INTERRUPTS(INTERRUPT)},
};
