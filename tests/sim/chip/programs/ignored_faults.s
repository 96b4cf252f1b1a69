@ SPDX-License-Identifier: ISC
@ Looks for memory as a program may that does not want to be interrupted: with FAULTMASK and BFHFNMIGN a load or store
@ that meets nothing is only noted in CFSR. Without either of them it is a fault.
    .set has_hard_fault, 1
    .include "vectors.inc"
    .equ nowhere, 0x08060000
start:
    set r0, results
    movs r1, #0
    str r1, [r0]
    set r4, results + 0x80
    set r5, scb
    set r6, nowhere
    mov r0, #0x100
    str r0, [r5, #0x14]         @ CCR: BFHFNMIGN
    cpsid f
    ldrb r0, [r6]
    bl keep
    ldr.w r0, [r6, #0x100]
    bl keep
    str r0, [r6]
    bl keep
    mov r0, #0x08000000
    ldr r0, [r0]
    bl keep
    mark 1
    cpsie f
    ldr r0, [r6]                @ FAULTMASK is off
    b .
keep:                           @ CFSR, which is cleared
    ldr r0, [r5, #0x28]
    str r0, [r5, #0x28]
    str r0, [r4], #4
    bx lr
hard_fault:
    mark 2
    b .
