/* SPDX-License-Identifier: ISC
 * The least that runs: two words and a loop. Nothing in it tells where it was linked; nothing may be guessed either. */
    .syntax unified
    .cpu cortex-m3
    .thumb
    .section .vectors, "a", %progbits
    .word _estack, start
    .section .text.first, "ax", %progbits
    .global start
    .type start, %function
start:
    ldr r0, =0x40021018
    movs r1, #0x10
    str r1, [r0]
0:  subs r2, #1
    bne 0b
    b start
