/* SPDX-License-Identifier: ISC
 * The program behind rust.S. */
#include "work.h"

void SysTick(void);
void SysTick(void) {
    work_ticks++;
}

__attribute__((noreturn, noinline)) static void panic(const char* message, uint32_t line) {
    char text[12];
    work_format(text, line + (uint32_t)message[0]);
    for (;;) {
    }
}

int main(void) {
    work_setup();
    for (;;) {
        work_loop();
        if (work_ticks > 0x7FFFFFFF) panic("attempt to add with overflow", __LINE__);
    }
}
