// SPDX-License-Identifier: ISC
// The vector table: four entries, since the bootloader takes no interrupt (PM0056 section 2.3.4).

#include "chip/core.hpp"
#include "chip/startup.hpp"

extern "C" [[noreturn]] void reset();

namespace chip {
namespace {

union Vector {
    std::uint32_t* stack;
    void (*handler)();
};

[[gnu::section(".vectors"), gnu::used]] constexpr Vector vectors[] = {
    {.stack = stack_top},
    {.handler = reset},
    // A fault must not leave a device behind that only a power cycle brings back.
    {.handler = system_reset},  // NMI
    {.handler = system_reset},  // HardFault, to which every other fault escalates
};

}  // namespace
}  // namespace chip
