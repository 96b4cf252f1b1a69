@ SPDX-License-Identifier: ISC
@ Two interrupts, SVC and PendSV: order, nesting, tail-chaining, masks. Marks say who ran when.
    .set has_svc, 1
    .set has_pendsv, 1
    .set has_systick, 1
    .set has_interrupt, 1
    .include "vectors.inc"
start:
    set r0, results
    movs r1, #0
    str r1, [r0]
    set r0, nvic + 0x300
    movs r1, #0x80
    strb r1, [r0, #20]          @ interrupt 20: priority 8
    movs r1, #0x40
    strb r1, [r0, #19]          @ interrupt 19: priority 4
    set r0, scb
    movs r1, #0xf0
    strb r1, [r0, #0x22]        @ PendSV: priority 15
    set r0, nvic
    set r1, (1 << 19) | (1 << 20)
    str r1, [r0]
    mov r8, #0
    svc #0
    mark 1
    cpsid i
    set r0, nvic + 0x100
    set r1, 1 << 20
    str r1, [r0]
    mark 2                      @ still masked
    cpsie i
    isb
    mark 3
    movs r0, #0x80
    msr basepri, r0
    set r0, nvic + 0x100
    set r1, (1 << 19) | (1 << 20)
    str r1, [r0]                @ 19 passes BASEPRI, 20 does not
    isb
    mark 4
    movs r0, #0
    msr basepri, r0
    isb
    mark 5
done:
    b done
svc:
    mark 11
    set r0, scb
    set r1, 1 << 28
    str r1, [r0, #4]            @ PendSV waits until SVC is over
    mark 12
    bx lr
pendsv:
    mark 14
    bx lr
systick:
    bx lr
interrupt:
    push {r4, lr}
    mrs r4, ipsr
    cmp r4, #36
    bne 1f
    mark 20
    cmp r8, #0
    bne 2f
    mov r8, #1
    set r0, nvic + 0x100        @ the higher one preempts the lower one, once
    set r1, 1 << 19
    str r1, [r0]
    isb
2:  mark 21
    pop {r4, pc}
1:  mark 19
    pop {r4, pc}
