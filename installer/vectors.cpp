// SPDX-License-Identifier: ISC
// The vector table (PM0056 section 2.3.4), and the entry that believes nothing of what a bootloader left behind.

#include "installer/vectors.hpp"

#include "config/layout.hpp"
#include "config/version.hpp"
#include "installer/sign.hpp"

extern "C" {

extern std::uint32_t stack_top[];

/** Interrupts off, main stack, privileged; then the story. The stack is loaded here because the chip itself may start
 * the installer, with a stack pointer from a blank word. */
[[gnu::naked, gnu::used]] void entry() {
    asm volatile(
        "cpsid i\n"
        "ldr r0, =stack_top\n"
        "msr msp, r0\n"
        "movs r0, #0\n"
        "msr control, r0\n"
        "isb\n"
        "b install\n"
        ".ltorg");
}

/** Reading past the end of the flash leads here: a bus fault escalates to a hard fault. */
[[noreturn]] static void fault() {
    installer::refuse(installer::Refusal::does_not_fit);
}

[[gnu::section(".vectors"), gnu::used]] constexpr installer::Vector installer_vectors[] = {
    {.stack = stack_top},
    {.handler = entry},
    {.handler = fault},
    {.handler = fault},
};

/** Behind the vectors. */
[[gnu::section(".identity"), gnu::used]] constexpr installer::Identity installer_identity = {
    .uuid = {0xD1, 0xB6, 0xF4, 0xC2, 0x39, 0x7E, 0x58, 0x4A, 0x9D, 0x06, 0x31, 0xE8, 0xA5, 0xB7, 0xF0, 0x2C},
    .version = config::bcd_version,
    .layout = config::high_memory,
    .page_kib = config::board.memory.flash_page / 1024,
    .application_base = config::application_base,
};
}
