/* SPDX-License-Identifier: ISC
 * As with Zephyr and ChibiOS: reserved words of the table are filled, too; every interrupt enters the same wrapper,
 * which looks its handler up in a second table. */
#include "work.h"

extern uint32_t _sidata[], _sdata[], _edata[], _sbss[], _ebss[], _estack[];

struct handler {
    void* argument;
    void (*function)(void*);
};
static void spurious(void* argument) {
    (void)argument;
    for (;;) {
    }
}
static void serial(void* argument) {
    work_ticks += *(volatile uint32_t*)argument;
}
static void timer(void* argument) {
    work_ticks += (uint32_t)(uintptr_t)argument;
}
static struct handler software_table[43] = {[0 ... 36] = {0, spurious},
                                            [37] = {(void*)0x40013804, serial},
                                            [38] = {(void*)1, timer},
                                            [39 ... 42] = {0, spurious}};

void wrapper(void) {
    uint32_t which;
    __asm volatile("mrs %0, ipsr" : "=r"(which));
    const struct handler* const one = &software_table[(which - 16) % 43];
    one->function(one->argument);
}
__attribute__((naked)) void fault(void) {
    __asm volatile("mrs r0, msp\n mrs r1, psp\n push {r0, lr}\n bl fatal\n pop {r0, pc}\n");
}
__attribute__((used)) void fatal(uint32_t msp, uint32_t psp) {
    volatile uint32_t sum = msp + psp;
    (void)sum;
    for (;;) {
    }
}
__attribute__((naked)) void pend_sv(void) {
    __asm volatile("ldr r1, =work_ticks\n ldr r2, [r1]\n mrs r0, psp\n stmia r0, {r4-r11}\n bx lr\n .ltorg\n");
}
void sv_call(void) {
    __asm volatile("cpsid i");
}
void systick(void) {
    wrapper();
}
int main(void);
__attribute__((naked)) void reset(void) {
    __asm volatile("movs r0, #0x20\n msr basepri, r0\n ldr r0, =_sbss\n adds r0, #64\n msr psp, r0\n bl prepare\n");
}
__attribute__((used)) void prepare(void) {
    uint32_t* from = _sidata;
    for (uint32_t* to = _sdata; to < _edata;)
        *to++ = *from++;
    for (uint32_t* to = _sbss; to < _ebss;)
        *to++ = 0;
    main();
}

__attribute__((section(".vectors"), used)) static void (*const vectors[59])(void) = {(void (*)(void))_estack,
                                                                                     reset,
                                                                                     fault,
                                                                                     fault,
                                                                                     fault,
                                                                                     fault,
                                                                                     fault,
                                                                                     fault,
                                                                                     fault,
                                                                                     fault,
                                                                                     fault,
                                                                                     sv_call,
                                                                                     fault,
                                                                                     fault,
                                                                                     pend_sv,
                                                                                     systick,
                                                                                     [16 ... 58] = wrapper};

int main(void) {
    work_setup();
    for (;;)
        work_loop();
}
