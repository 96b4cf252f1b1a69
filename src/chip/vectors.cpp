// SPDX-License-Identifier: ISC
// The vector table: four entries, since the bootloader takes no interrupt (PM0056 section 2.3.4).

#include "chip/core.hpp"
#include "chip/startup.hpp"
#include "config/layout.hpp"

extern "C" [[noreturn]] void reset();

/** reset(), from a vector table whose stack is somebody else's: that of an application that begins in page 0. */
extern "C" [[gnu::naked, gnu::used]] void entry() {
    asm volatile("ldr sp, =stack_top\n   b reset\n   .ltorg");
}

namespace chip {
namespace {

union Vector {
    std::uint32_t* stack;
    void (*handler)();
};

[[gnu::section(".vectors"), gnu::used]] constexpr Vector vectors[] = {
    {.stack = stack_top},
    {.handler = config::high_memory ? entry : reset},
    // A fault must not leave a device behind that only a power cycle brings back.
    {.handler = system_reset},  // NMI
    {.handler = system_reset},  // HardFault, to which every other fault escalates
};

}  // namespace
}  // namespace chip
