// SPDX-License-Identifier: ISC
// Where the installer itself lies.
#pragma once

#include <cstdint>

namespace installer {

union Vector {
    std::uint32_t* stack;
    void (*handler)();
};

/** What tells programs on the host that this application is an installer, and of what (docs/capability.md). */
struct Identity {
    std::uint8_t uuid[16];
    std::uint16_t version;  ///< bcdDevice of the bootloader that it brings.
    std::uint8_t layout;    ///< 1: high memory.
    std::uint8_t page_kib;
    std::uint32_t application_base;
};

}  // namespace installer

extern "C" {
/** Where it starts, whoever starts it: the bootloader that it replaces, or the chip itself. */
void entry();
extern const installer::Vector installer_vectors[4];
extern std::uint16_t scratch[];  ///< Two pages of 1 KiB, or one of 2, that belong to nobody.
}
