@ SPDX-License-Identifier: ISC
@ Reads a peripheral that the model does not have (ADC3, its clock on), then one without clock (GPIOB).
    .include "vectors.inc"
start:
    set r7, results
    movs r1, #0
    str r1, [r7]
    set r0, 0x40021018
    set r1, 0x8000
    str r1, [r0]
    set r0, 0x40013c00
    ldr r1, [r0]
    set r0, 0x40010c0c
    movs r1, #1
    str r1, [r0]
    ldr r1, [r0]
    str r1, [r7, #4]
    movs r1, #1
    str r1, [r7]
done:
    b done
