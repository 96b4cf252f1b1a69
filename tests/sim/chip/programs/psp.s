@ SPDX-License-Identifier: ISC
@ Thread mode on PSP: an exception stacks there, the handler runs on MSP, the return finds both.
    .set has_svc, 1
    .include "vectors.inc"
start:
    set r0, 0x20000800
    msr psp, r0
    movs r0, #2
    msr control, r0
    isb
    set r7, results
    mov r6, sp
    str r6, [r7]                @ 0x20000800
    svc #0
    mov r6, sp
    str r6, [r7, #4]            @ again
    mrs r6, control
    str r6, [r7, #8]
done:
    b done
svc:
    mov r6, sp
    str r6, [r7, #12]           @ 0x20001000
    mrs r6, psp
    str r6, [r7, #16]           @ 0x200007e0
    str lr, [r7, #20]           @ 0xfffffffd
    bx lr
