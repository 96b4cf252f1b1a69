// SPDX-License-Identifier: ISC
// Stands in for the bootloaders that others have: the application's address, what they ask of its vectors, and how the
// chip is when the application begins. What they leave behind is more here than any of them leaves. It starts nothing
// when a byte of its own is not as it was linked.
//
//   APPLICATION   0x08002000 or 0x08005000
//   LEAVES_USB    on at 72 MHz, enumerated or not, its interrupt enabled, and the flash open (as no C dapboot would)
//   LEAVES_PSP    the process stack in use, interrupts masked (as no Maple would)
#define PACKET0 64
#include "device.h"

#define OPEN_FLASH                    \
    REG32(0x40022004u) = 0x45670123u; \
    REG32(0x40022004u) = 0xcdef89abu

static const u8 device_descriptor[18] = {18, 1, 0x00, 2, 0, 0, 0, PACKET0, 0xaf, 0x1e, 0x03, 0x00, 0, 2, 0, 0, 0, 1};
static const u8 configuration_descriptor[] = {9, 2, 18, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, 0xfe, 1, 2, 0};

static int class_request(const u8* setup) {
    (void)setup;
    return 0;
}
static void configured(void) {}
static void serve_endpoint(unsigned n) {
    clear(n, ctr_rx | ctr_tx);
}

extern const u32 filler, filler_end, tail, tail_end;
static int whole(const u32* word, const u32* end) {
    for (; word < end; ++word)
        if (*word != 0x5a5a5a5au) return 0;
    return 1;
}

__attribute__((section(".hand_over"), noinline)) static void hand_over(void) {
    const u32 stack = REG32(APPLICATION), start = REG32(APPLICATION + 4);
    if ((stack & 0x2ffe0000u) != 0x20000000u) return;
    REG32(0xe000ed08u) = APPLICATION;
#ifdef LEAVES_PSP
    __asm__ volatile("cpsid i\n msr psp, %0\n movs r2, #2\n msr control, r2\n isb" : : "r"(0x20002000u) : "r2");
#endif
    __asm__ volatile(
        "msr msp, %0\n mov r2, #0xffffffff\n mov r3, r2\n mov r4, r2\n mov r5, r2\n mov r6, r2\n mov r7, r2\n bx %1"
        :
        : "r"(stack), "r"(start)
        : "r2", "r3", "r4", "r5", "r6");
}

static void start_chip(void) {
#ifdef LEAVES_USB
    start_clocks();
    NVIC_ISER0 = 1 << 20;
    CNTR = 1;
    wait(100);
    CNTR = 0;
    ISTR = 0;
    CNTR = 0x8400;
    OPEN_FLASH;
    wait(20000);
#endif
    if (whole(&filler, &filler_end) && whole(&tail, &tail_end)) hand_over();
}
