// SPDX-License-Identifier: ISC
// Where the installer itself lies.
#pragma once

#include <cstdint>

namespace installer {

union Vector {
    std::uint32_t* stack;
    void (*handler)();
};

}  // namespace installer

extern "C" {
/** Where it starts, whoever starts it: the bootloader that it replaces, or the chip itself. */
void entry();
extern const installer::Vector installer_vectors[4];
extern std::uint16_t scratch[];  ///< Two pages of 1 KiB, or one of 2, that belong to nobody.
}
