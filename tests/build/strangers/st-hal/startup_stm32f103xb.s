/* SPDX-License-Identifier: ISC */
/* A startup file as ST's tools generate one for the STM32F103xB, as far as linker and C see it: section .isr_vector with
 * g_pfnVectors, the symbols _sidata, _sdata, _edata, _sbss, _ebss and _estack, SystemInit, __libc_init_array, main. */
    .syntax unified
    .cpu cortex-m3
    .thumb

    .section .text.Reset_Handler, "ax", %progbits
    .global Reset_Handler
    .type Reset_Handler, %function
Reset_Handler:
    ldr     r0, =_sdata
    ldr     r1, =_edata
    ldr     r2, =_sidata
1:  cmp     r0, r1
    itt     lo
    ldrlo   r3, [r2], #4
    strlo   r3, [r0], #4
    blo     1b
    ldr     r0, =_sbss
    ldr     r1, =_ebss
    movs    r2, #0
2:  cmp     r0, r1
    it      lo
    strlo   r2, [r0], #4
    blo     2b
    bl      SystemInit
    bl      __libc_init_array
    bl      main
3:  b       3b
    .size Reset_Handler, . - Reset_Handler

    .section .text.Default_Handler, "ax", %progbits
    .type Default_Handler, %function
Default_Handler:
    b       Default_Handler
    .size Default_Handler, . - Default_Handler

    .macro handler name
    .weak   \name
    .thumb_set \name, Default_Handler
    .word   \name
    .endm

    .section .isr_vector, "a", %progbits
    .global g_pfnVectors
    .type g_pfnVectors, %object
g_pfnVectors:
    .word   _estack
    .word   Reset_Handler
    handler NMI_Handler
    handler HardFault_Handler
    handler MemManage_Handler
    handler BusFault_Handler
    handler UsageFault_Handler
    .word   0, 0, 0, 0
    handler SVC_Handler
    handler DebugMon_Handler
    .word   0
    handler PendSV_Handler
    handler SysTick_Handler
    .rept   43
    .word   Default_Handler
    .endr
    .word   0, 0, 0, 0, 0, 0, 0
    .word   0xF108F85F
    .size g_pfnVectors, . - g_pfnVectors
