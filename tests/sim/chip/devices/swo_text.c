// SPDX-License-Identifier: ISC
// No USB: writes lines to ITM's port 0. WITHOUT_PROBE it also does what a debugger does for others: it chooses the
// protocol of TRACESWO and its rate, the pin, and switches ITM on.
#include <stdint.h>

#define REG(address) (*(volatile uint32_t*)(address))
#define STIMULUS (*(volatile uint8_t*)0xe0000000u)

static void say(const char* text) {
    for (; *text; ++text) {
        while (!(REG(0xe0000000u) & 1)) {
        }
        STIMULUS = (uint8_t)*text;
    }
}
static void reset(void) {
#ifdef WITHOUT_PROBE
    REG(0xe000edfcu) |= 1u << 24;
    REG(0xe00400f0u) = 2;
    REG(0xe0040010u) = 7;  // 1 MHz of 8
    REG(0xe0040304u) &= ~2u;
    REG(0xe0042004u) = 1u << 5;
    REG(0xe0000fb0u) = 0xc5acce55u;
    REG(0xe0000e80u) = 1u << 16 | 1;
    REG(0xe0000e00u) = 1;
#endif
    if (REG(0xe0000e80u) & 1) say("hello\n");
    for (;;) {
        if (REG(0xe0000e80u) & 1) say("again\n");
        for (volatile int round = 0; round < 10000; ++round) {
        }
    }
}
static void unexpected(void) {
    for (;;) {
    }
}
__attribute__((section(".vectors"), used)) static void* const vectors[] = {(void*)0x20005000, reset, unexpected,
                                                                           unexpected};
