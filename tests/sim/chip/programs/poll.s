@ SPDX-License-Identifier: ISC
@ Waits for the HSE in a loop that calls a function, then loops for ever reading a pin.
    .include "vectors.inc"
start:
    set r0, 0x40021000
    ldr r1, [r0]
    orr r1, #0x10000
    str r1, [r0]
1:  bl ready
    beq 1b
    set r7, results
    movs r1, #1
    str r1, [r7]
    movs r1, #4
    str r1, [r0, #0x18]         @ GPIOA
    set r2, 0x40010808
2:  ldr r1, [r2]
    tst r1, #1
    beq 2b
    movs r1, #2
    str r1, [r7]
done:
    b done
ready:
    push {r4, lr}
    ldr r4, [r0]
    tst r4, #0x20000
    pop {r4, pc}
