@ SPDX-License-Identifier: ISC
@ Unlocks the flash, erases the page at 0x08001000, programs one half-word, notes SR and cycle counts.
    .include "vectors.inc"
start:
    set r7, results
    set r6, 0x40022000
    set r0, 0x45670123
    str r0, [r6, #4]
    set r0, 0xcdef89ab
    str r0, [r6, #4]
    ldr r0, [r6, #0x10]
    str r0, [r7]                @ CR: unlocked, 0
    movs r0, #2
    str r0, [r6, #0x10]         @ PER
    set r1, 0x08001000
    str r1, [r6, #0x14]
    movs r0, #0x42
    str r0, [r6, #0x10]         @ STRT
1:  ldr r0, [r6, #0x0c]
    tst r0, #1
    bne 1b
    str r0, [r7, #4]            @ SR: EOP
    movs r0, #0x34
    str r0, [r6, #0x0c]
    movs r0, #1
    str r0, [r6, #0x10]         @ PG
    movw r0, #0xbeef
    strh r0, [r1]
2:  ldr r0, [r6, #0x0c]
    tst r0, #1
    bne 2b
    ldrh r0, [r1]
    str r0, [r7, #8]            @ 0xbeef
    movw r0, #0x1234
    strh r0, [r1]               @ not erased: PGERR
    ldr r0, [r6, #0x0c]
    str r0, [r7, #12]
    ldrh r0, [r1]
    str r0, [r7, #16]           @ still 0xbeef
    movs r0, #0
    strh r0, [r1]               @ zero is always allowed
    ldrh r0, [r1]
    str r0, [r7, #20]
done:
    b done
