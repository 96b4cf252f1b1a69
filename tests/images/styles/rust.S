/* SPDX-License-Identifier: ISC
 * As with cortex-m-rt: reserved words are 0, all interrupts share one DefaultHandler_, the hard fault has a trampoline
 * that finds out which stack was in use, Reset copies in registers and pushes nothing. */
    .syntax unified
    .cpu cortex-m3
    .thumb

    .section .vectors, "a", %progbits
    .word _estack, Reset, NonMaskableInt, HardFaultTrampoline, DefaultHandler_, DefaultHandler_, DefaultHandler_
    .word 0, 0, 0, 0, DefaultHandler_, DefaultHandler_, 0, DefaultHandler_, SysTick
    .rept 60
    .word DefaultHandler_
    .endr

    .section .text.first, "ax", %progbits
    .global Reset
    .type Reset, %function
Reset:
    movs r4, #0
    mov lr, r4
    bl __pre_init
    ldr r0, =_sbss
    ldr r1, =_ebss
    movs r2, #0
0:  cmp r1, r0
    beq 1f
    stm r0!, {r2}
    b 0b
1:  ldr r0, =_sdata
    ldr r1, =_edata
    ldr r2, =_sidata
2:  cmp r1, r0
    beq 3f
    ldm r2!, {r3}
    stm r0!, {r3}
    b 2b
3:  bl main
    udf #0

    .type HardFaultTrampoline, %function
HardFaultTrampoline:
    mov r0, lr
    movs r1, #4
    tst r0, r1
    bne 0f
    mrs r0, MSP
    b HardFault
0:  mrs r0, PSP
    b HardFault

    .type HardFault, %function
HardFault:
    b HardFault

    .weak NonMaskableInt
    .thumb_set NonMaskableInt, DefaultHandler_
    .type DefaultHandler_, %function
DefaultHandler_:
    b DefaultHandler_

    .type __pre_init, %function
__pre_init:
    bx lr
