@ SPDX-License-Identifier: ISC
@ SysTick once a millisecond at 8 MHz; the core sleeps in between and counts ticks at results[0], and toggles PC13.
    .set has_systick, 1
    .include "vectors.inc"
start:
    set r0, results
    movs r1, #0
    str r1, [r0]
    set r0, 0x40021018
    movs r1, #0x10
    str r1, [r0]
    set r0, 0x40011004
    set r1, 0x44344444
    str r1, [r0]
    set r0, 0xe000e010
    set r1, 7999
    str r1, [r0, #4]
    movs r1, #0
    str r1, [r0, #8]
    movs r1, #7
    str r1, [r0]
sleep:
    wfi
    b sleep
systick:
    set r0, results
    ldr r1, [r0]
    adds r1, #1
    str r1, [r0]
    set r0, 0x4001100c
    ldr r1, [r0]
    eor r1, #0x2000
    str r1, [r0]
    bx lr
