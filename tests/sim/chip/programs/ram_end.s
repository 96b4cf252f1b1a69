@ SPDX-License-Identifier: ISC
@ Loads from, stores to or jumps to an address at the end of RAM, and keeps what the fault says. The test
@ writes what to do (0 load, 1 store, 2 jump) and the address behind the program.
    .set has_hard_fault, 1
    .include "vectors.inc"
    .equ order, 0x08003000
start:
    set r7, results
    movs r0, #0
    str r0, [r7]
    str r0, [r7, #4]
    str r0, [r7, #8]
    set r0, order
    ldr r2, [r0]
    ldr r1, [r0, #4]
    cmp r2, #1
    beq 1f
    bhi 2f
    ldr r3, [r1]
    b done
1:  str r1, [r1]
    b done
2:  bx r1
done:
    movs r0, #1
    str r0, [r7]                @ no fault
    b .
hard_fault:
    set r0, scb
    ldr r1, [r0, #0x28]
    str r1, [r7, #4]            @ CFSR
    ldr r1, [r0, #0x38]
    str r1, [r7, #8]            @ BFAR
    b .
