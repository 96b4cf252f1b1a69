/* SPDX-License-Identifier: ISC
 * Startup as ST's packages have it: assembly, weak handlers that fall into one endless loop, a table of 76 words. */
    .syntax unified
    .cpu cortex-m3
    .thumb

    .section .text.Reset_Handler
    .weak Reset_Handler
    .type Reset_Handler, %function
Reset_Handler:
    bl SystemInit
    movs r1, #0
    b 2f
1:  ldr r3, =_sidata
    ldr r3, [r3, r1]
    str r3, [r0, r1]
    adds r1, r1, #4
2:  ldr r0, =_sdata
    ldr r3, =_edata
    adds r2, r0, r1
    cmp r2, r3
    bcc 1b
    ldr r2, =_sbss
    b 4f
3:  movs r3, #0
    str r3, [r2], #4
4:  ldr r3, =_ebss
    cmp r2, r3
    bcc 3b
    bl main
    bx lr

    .section .text.Default_Handler, "ax", %progbits
    .type Default_Handler, %function
Default_Handler:
Infinite_Loop:
    b Infinite_Loop

    .section .vectors, "a", %progbits
    .word _estack, Reset_Handler, NMI_Handler, HardFault_Handler, MemManage_Handler, BusFault_Handler
    .word UsageFault_Handler, 0, 0, 0, 0, SVC_Handler, DebugMon_Handler, 0, PendSV_Handler, SysTick_Handler
    .rept 20
    .word Default_Handler
    .endr
    .word USB_LP_IRQHandler
    .rept 16
    .word Default_Handler
    .endr
    .word USART1_IRQHandler
    .rept 5
    .word Default_Handler
    .endr
    .rept 16
    .word 0
    .endr
    .word 0xF108F85F        /* the word that ST's table has for booting from RAM */
