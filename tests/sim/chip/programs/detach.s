@ SPDX-License-Identifier: ISC
@ Holds DP low for 2 ms as a bootloader does that wants to be enumerated anew, lets it go, and resets the chip 150 ms
@ later; so again and again.
    .include "vectors.inc"
start:
    set r0, 0x40021000
    movs r1, #4
    str r1, [r0, #0x18]         @ GPIOA
    set r0, 0x40010804          @ CRH
    set r3, 0x44424444          @ PA12 as output, low
    str r3, [r0]
    set r2, 2 * 8000 / 4        @ four cycles a turn at 8 MHz
1:  subs r2, #1
    bne 1b
    set r3, 0x44444444
    str r3, [r0]
    set r2, 150 * 8000 / 4
2:  subs r2, #1
    bne 2b
    set r0, scb
    set r1, 0x05fa0004          @ SYSRESETREQ
    str r1, [r0, #0x0c]
    b .
