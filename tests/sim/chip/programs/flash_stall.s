@ SPDX-License-Identifier: ISC
@ From RAM: begins to erase the page at 0x08001000 and loads from flash while it is under way. SysTick is due
@ in between; its handler, in flash, marks 2, the code behind the load marks 1.
    .set has_systick, 1
    .include "vectors.inc"
    .equ in_ram, 0x20000400
start:
    set r7, results
    movs r0, #0
    str r0, [r7, #4]
    str r0, [r7, #8]
    set r6, 0x40022000
    set r0, 0x45670123
    str r0, [r6, #4]
    set r0, 0xcdef89ab
    str r0, [r6, #4]
    set r0, 0xe000e010          @ SysTick: once, after 1 ms
    set r1, 7999
    str r1, [r0, #4]
    str r1, [r0, #8]
    movs r1, #7
    str r1, [r0]
    ldr r0, =routine
    set r1, in_ram
    movs r2, #(routine_end - routine)
1:  subs r2, #2
    ldrh r3, [r0, r2]
    strh r3, [r1, r2]
    bne 1b
    set r1, 0x08001000
    adds r4, r1, #0
    set r5, in_ram + 1
    bx r5
    .align 2
routine:
    movs r0, #2
    str r0, [r6, #0x10]         @ PER
    str r1, [r6, #0x14]
    movs r0, #0x42
    str r0, [r6, #0x10]         @ STRT
    ldr r0, [r4]
    movs r2, #1
    str r2, [r7, #4]
    b .
    .align 2
routine_end:
systick:
    movs r2, #2
    set r3, results
    str r2, [r3, #8]
    set r0, 0xe000e010
    movs r1, #0
    str r1, [r0]
    bx lr
    .ltorg
