/* SPDX-License-Identifier: ISC */
/* Two tasks and a scheduler of the smallest kind, started as FreeRTOS and its like start theirs: the main stack begins
 * anew at the address in word 0 of the vector table (SCB_VTOR), and an SVC enters the first task on a stack of its own.
 * What main() had on its stack is gone then, and what lies below that word must be nobody's but the main stack's. Word
 * 0 is the application's own in both layouts of the bootloader, so this works in both.
 *
 * SysTick ticks once a second; each task toggles the LED on PC13 of a Blue Pill in its turn. */
#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t*)(address))
#define RCC_APB2ENR REGISTER(0x40021018)
#define GPIOC_CRH REGISTER(0x40011004)
#define GPIOC_ODR REGISTER(0x4001100C)
#define STK_CTRL REGISTER(0xE000E010)
#define STK_LOAD REGISTER(0xE000E014)
#define STK_VAL REGISTER(0xE000E018)
#define SCB_ICSR REGISTER(0xE000ED04)
#define SCB_SHPR3 REGISTER(0xE000ED20)
#define PENDSVSET (UINT32_C(1) << 28)

enum { tasks = 2, stack_words = 64 };

static uint32_t stacks[tasks][stack_words] __attribute__((aligned(8)));
/* The handlers below name these three, where only the assembler sees it. */
__attribute__((used)) static uint32_t* stack_of_task[tasks]; /* where each task was left */
__attribute__((used)) static uint32_t current_task;
static volatile uint32_t turn;
static volatile uint32_t times_scheduled;

static void task(uint32_t number) {
    for (;;) {
        while (turn != number) {
        }
        GPIOC_ODR ^= UINT32_C(1) << 13;
        turn = tasks; /* nobody's, until the next tick */
    }
}

/* A stack as an exception leaves it (PM0056 section 2.3.7), below it R4 to R11. */
static uint32_t* prepare(uint32_t number) {
    uint32_t* top = &stacks[number][stack_words];
    *--top = UINT32_C(0x01000000);                     /* xPSR: Thumb */
    *--top = (uint32_t)(uintptr_t)task & ~UINT32_C(1); /* PC */
    top -= 5;                                          /* LR, R12, R3 to R1 */
    *--top = number;                                   /* R0: the argument */
    return top - 8;
}

__attribute__((used)) static void choose_next_task(void) {
    current_task = (current_task + 1) % tasks;
}

void SysTick_Handler(void) {
    turn = ++times_scheduled % tasks;
    SCB_ICSR = PENDSVSET;
}

/* Enters the current task: from here on thread mode uses the process stack. */
__attribute__((naked)) void SVC_Handler(void) {
    __asm__ volatile(
        "ldr   r3, =current_task   \n"
        "ldr   r3, [r3]            \n"
        "ldr   r2, =stack_of_task  \n"
        "ldr   r0, [r2, r3, lsl #2]\n"
        "ldmia r0!, {r4-r11}       \n"
        "msr   psp, r0             \n"
        "mvn   lr, #2              \n" /* EXC_RETURN 0xFFFFFFFD: thread mode, process stack */
        "bx    lr                  \n");
}

__attribute__((naked)) void PendSV_Handler(void) {
    __asm__ volatile(
        "mrs   r0, psp             \n"
        "stmdb r0!, {r4-r11}       \n"
        "ldr   r3, =current_task   \n"
        "ldr   r1, [r3]            \n"
        "ldr   r2, =stack_of_task  \n"
        "str   r0, [r2, r1, lsl #2]\n"
        "push  {r2, lr}            \n"
        "bl    choose_next_task    \n"
        "pop   {r2, lr}            \n"
        "ldr   r3, =current_task   \n"
        "ldr   r1, [r3]            \n"
        "ldr   r0, [r2, r1, lsl #2]\n"
        "ldmia r0!, {r4-r11}       \n"
        "msr   psp, r0             \n"
        "bx    lr                  \n");
}

__attribute__((naked, noreturn)) static void start_first_task(void) {
    __asm__ volatile(
        "ldr   r0, =0xE000ED08     \n" /* SCB_VTOR */
        "ldr   r0, [r0]            \n"
        "ldr   r0, [r0]            \n" /* word 0: the initial stack pointer */
        "msr   msp, r0             \n"
        "cpsie i                   \n"
        "dsb                       \n"
        "isb                       \n"
        "svc   0                   \n"
        "nop                       \n");
}

int main(void) {
    turn = tasks;
    for (uint32_t number = 0; number != tasks; ++number)
        stack_of_task[number] = prepare(number);
    RCC_APB2ENR |= UINT32_C(1) << 4; /* IOPCEN */
    GPIOC_ODR |= UINT32_C(1) << 13;
    GPIOC_CRH = (GPIOC_CRH & ~(UINT32_C(0xF) << 20)) | UINT32_C(0x6) << 20; /* open drain, 2 MHz */
    SCB_SHPR3 |= UINT32_C(0xFFFF) << 16; /* PendSV and SysTick: the lowest priority */
    STK_LOAD = 8000000 - 1;
    STK_VAL = 0;
    STK_CTRL = 7;
    start_first_task();
}
