/* SPDX-License-Identifier: ISC
 * As with FreeRTOS: SVCall and PendSV are naked and begin with a load, SysTick saves registers, application tasks are
 * pointers in tables; the handler of everything else reads which exception it is. */
#include "work.h"

extern uint32_t _sidata[], _sdata[], _edata[], _sbss[], _ebss[], _estack[];

struct task {
    uint32_t* top_of_stack;
    void (*entry)(void*);
    const char* name;
};
struct task* volatile current;
static uint32_t stacks[3][64];

static void task_blink(void* unused) {
    (void)unused;
    for (;;)
        work_loop();
}
static void task_report(void* unused) {
    char text[12];
    for (;;)
        work_format(text, (uint32_t)(uintptr_t)unused + work_ticks);
}
static void task_idle(void* unused) {
    (void)unused;
    for (;;)
        __asm volatile("wfi");
}
static struct task tasks[3] = {{&stacks[0][63], task_blink, "blink"},
                               {&stacks[1][63], task_report, "report"},
                               {&stacks[2][63], task_idle, "IDLE"}};

__attribute__((used, noinline)) static void switch_context(void) {
    static unsigned next;
    current = &tasks[++next % 3];
}

__attribute__((naked)) void svc_handler(void) {
    __asm volatile(
        "ldr r3, =current\n ldr r1, [r3]\n ldr r0, [r1]\n ldmia r0!, {r4-r11}\n msr psp, r0\n isb\n"
        "mov r0, #0\n msr basepri, r0\n orr lr, #0xd\n bx lr\n .ltorg\n");
}
__attribute__((naked)) void pendsv_handler(void) {
    __asm volatile(
        "mrs r0, psp\n isb\n ldr r3, =current\n ldr r2, [r3]\n stmdb r0!, {r4-r11}\n str r0, [r2]\n"
        "push {r3, lr}\n mov r0, #80\n msr basepri, r0\n bl switch_context\n mov r0, #0\n msr basepri, r0\n"
        "pop {r3, lr}\n ldr r1, [r3]\n ldr r0, [r1]\n ldmia r0!, {r4-r11}\n msr psp, r0\n isb\n bx lr\n .ltorg\n");
}
__attribute__((noinline)) static int increment_tick(void) {
    return ++work_ticks % 10 == 0;
}
void systick_handler(void) {
    __asm volatile("msr basepri, %0" ::"r"(80));
    if (increment_tick()) *(volatile uint32_t*)0xE000ED04 = 1u << 28;
    __asm volatile("msr basepri, %0" ::"r"(0));
}
__attribute__((naked)) void fault_handler(void) {
    __asm volatile("tst lr, #4\n ite eq\n mrseq r0, msp\n mrsne r0, psp\n b report_fault\n");
}
__attribute__((used)) void report_fault(uint32_t* frame) {
    volatile uint32_t pc = frame[6];
    (void)pc;
    for (;;) {
    }
}
static void any_interrupt(void) {
    uint32_t which;
    __asm volatile("mrs %0, ipsr" : "=r"(which));
    *(volatile uint32_t*)(0xE000E180 + which / 32 * 4) = 1u << which % 32;
}
int main(void);
__attribute__((noreturn)) void reset_handler(void) {
    uint32_t* from = _sidata;
    for (uint32_t* to = _sdata; to < _edata;)
        *to++ = *from++;
    for (uint32_t* to = _sbss; to < _ebss;)
        *to++ = 0;
    main();
    for (;;) {
    }
}

#define TIMES_10(x) x, x, x, x, x, x, x, x, x, x
__attribute__((section(".vectors"), used)) static void (*const vectors[])(void) = {(void (*)(void))_estack,
                                                                                   reset_handler,
                                                                                   fault_handler,
                                                                                   fault_handler,
                                                                                   fault_handler,
                                                                                   fault_handler,
                                                                                   fault_handler,
                                                                                   0,
                                                                                   0,
                                                                                   0,
                                                                                   0,
                                                                                   svc_handler,
                                                                                   fault_handler,
                                                                                   0,
                                                                                   pendsv_handler,
                                                                                   systick_handler,
                                                                                   TIMES_10(any_interrupt),
                                                                                   TIMES_10(any_interrupt),
                                                                                   TIMES_10(any_interrupt),
                                                                                   TIMES_10(any_interrupt)};

int main(void) {
    work_setup();
    current = &tasks[0];
    __asm volatile("cpsie i\n svc 0");
    return 0;
}
