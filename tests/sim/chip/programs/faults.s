@ SPDX-License-Identifier: ISC
@ One fault after the other; each handler notes CFSR and BFAR and steps over the instruction at fault.
    .set has_hard_fault, 1
    .set has_bus_fault, 1
    .set has_usage_fault, 1
    .include "vectors.inc"
start:
    set r0, results
    movs r1, #0
    str r1, [r0]
    set r0, results + 0x80
    str r1, [r0]
    set r0, 0x20010000
    ldr.w r1, [r0]              @ beyond the RAM: not enabled, becomes HardFault
    set r0, scb
    ldr r1, [r0, #0x24]
    orr r1, #(7 << 16)
    str r1, [r0, #0x24]
    set r0, 0x20010004
    str.w r1, [r0]
    set r0, results + 1
    ldrd r1, r2, [r0]
    udf.w #0
    ldr.w r1, [r0]              @ one word may be unaligned
    set r0, 0x08000401
    movs r1, #0
    strb.w r1, [r0]             @ flash takes half-words only
    mark 99
done:
    b done
hard_fault:
    mark 3
    b note
bus_fault:
    mark 5
    b note
usage_fault:
    mark 6
note:
    ldr r0, [sp, #24]
    adds r0, #4
    str r0, [sp, #24]
    set r0, scb
    ldr r1, [r0, #0x28]
    str r1, [r0, #0x28]
    set r2, results + 0x80
    ldr r3, [r2]
    adds r3, #4
    str r3, [r2]
    str r1, [r2, r3]
    bx lr
