@ SPDX-License-Identifier: ISC
@ An application that tells what it found. It saves the core's special registers, then carries out the
@ list behind it: an address is read and its word kept; an address + 1 is written, with the word that
@ follows; an address + 2 is read until it has one of the bits of that word; 0 ends the list. It runs wherever it lies.
        .syntax unified
        .thumb
        .equ    found, 0x20000200               @ what was read, one word after the other
        .equ    mark, 0x200001fc                @ then holds 1

        mov     r6, sp
        ldr     r5, =found
        mrs     r0, ipsr                @ the flags are unknown after reset
        mrs     r1, primask
        mrs     r2, basepri
        mrs     r3, faultmask
        mrs     r4, control
        stmia   r5!, {r0-r4, r6}
        adr     r4, list
1:      ldr     r0, [r4], #4
        cbz     r0, 4f
        lsls    r1, r0, #31
        bmi     2f
        lsls    r1, r0, #30
        bmi     3f
        ldr     r1, [r0]
        stmia   r5!, {r1}
        b       1b
2:      subs    r0, #1
        ldr     r1, [r4], #4
        str     r1, [r0]
        b       1b
3:      subs    r0, #2
        ldr     r1, [r4], #4
5:      ldr     r2, [r0]
        tst     r2, r1
        beq     5b
        b       1b
4:      ldr     r0, =mark
        movs    r1, #1
        str     r1, [r0]
        b       .
        .ltorg
        .balign 4
list:
