/* SPDX-License-Identifier: ISC
 * As with libopencm3: the table is a struct, unused interrupts block or return at once, reset copies and calls main. */
#include "work.h"

extern uint32_t _sidata[], _sdata[], _edata[], _sbss[], _ebss[], _estack[];
extern void (*__init_array_start[])(void), (*__init_array_end[])(void);
int main(void);

void blocking_handler(void);
void null_handler(void);
void reset_handler(void);

void blocking_handler(void) {
    while (1) {
    }
}
void null_handler(void) {}

#define WEAK(name, of) void name(void) __attribute__((weak, alias(#of)))
WEAK(nmi_handler, null_handler);
WEAK(hard_fault_handler, blocking_handler);
WEAK(mem_manage_handler, blocking_handler);
WEAK(bus_fault_handler, blocking_handler);
WEAK(usage_fault_handler, blocking_handler);
WEAK(sv_call_handler, null_handler);
WEAK(pend_sv_handler, null_handler);

void sys_tick_handler(void);
void sys_tick_handler(void) {
    work_ticks++;
    if (work_ticks == 0) work_setup();
}
void usart1_isr(void);
void usart1_isr(void) {
    if (*(volatile uint32_t*)0x40013800 & 0x20) *(volatile uint32_t*)0x40013804 = work_ticks;
}

struct table {
    uint32_t* stack;
    void (*reset)(void), (*nmi)(void), (*hard_fault)(void), (*mem_manage)(void), (*bus_fault)(void),
        (*usage_fault)(void);
    void (*reserved_x001c[4])(void);
    void (*sv_call)(void), (*debug_monitor)(void), (*reserved_x0034)(void), (*pend_sv)(void), (*systick)(void);
    void (*irq[68])(void);
};

__attribute__((section(".vectors"), used)) static const struct table vectors = {
    .stack = _estack,
    .reset = reset_handler,
    .nmi = nmi_handler,
    .hard_fault = hard_fault_handler,
    .mem_manage = mem_manage_handler,
    .bus_fault = bus_fault_handler,
    .usage_fault = usage_fault_handler,
    .debug_monitor = null_handler,
    .sv_call = sv_call_handler,
    .pend_sv = pend_sv_handler,
    .systick = sys_tick_handler,
    .irq = {[0 ... 36] = blocking_handler, [37] = usart1_isr, [38 ... 67] = blocking_handler},
};

__attribute__((naked)) void reset_handler(void) {
    __asm volatile("ldr r0, =_estack\n mov sp, r0\n b start\n");
}

__attribute__((used)) static void start(void) {
    uint32_t* from = _sidata;
    for (uint32_t* to = _sdata; to < _edata;)
        *to++ = *from++;
    for (uint32_t* to = _sbss; to < _ebss;)
        *to++ = 0;
    *(volatile uint32_t*)0xE000ED14 |= 0x200;
    for (void (**one)(void) = __init_array_start; one < __init_array_end; one++)
        (*one)();
    main();
    for (;;) {
    }
}

int main(void) {
    work_setup();
    for (;;)
        work_loop();
}
