// SPDX-License-Identifier: ISC
// Write protection of the bootloader's own pages, through the option bytes (PM0075 section 2.5).
//
// Option bytes can only be erased all together, the read protection byte among them, and an erased one means "read
// protected". So that byte is the first that is programmed again. A power cut in the 20 ms before leaves a chip that
// works as before, but whose flash a debugger can read only after it has erased it.
#pragma once

#include "drivers/flash.hpp"

namespace drivers {

class OptionBytes : Flash {
  public:
    /**
     * Protects the 4 KiB at each set bit of `units`; takes effect at the next reset. Does nothing where it has been
     * done, or where the chip is read protected: then a change would erase all of its flash.
     */
    static void write_protect(std::uint32_t units) {
        using namespace chip;
        if ((flash->WRPR & units) == 0 || read_protected()) return;
        std::uint16_t bytes[option_byte_count];
        for (unsigned i = 0; i < option_byte_count; ++i)
            bytes[i] = option_bytes()[i] & 0xFF;
        for (unsigned i = option_byte_wrp0; i < option_byte_count; ++i) {
            bytes[i] = static_cast<std::uint16_t>(bytes[i] & ~units & 0xFF);
            units >>= 8;
        }
        flash->OPTKEYR = flash_key1;
        flash->OPTKEYR = flash_key2;
        flash->CR.write(flash_cr::OPTWRE | flash_cr::OPTER);
        flash->CR.write(flash_cr::OPTWRE | flash_cr::OPTER | flash_cr::STRT);
        wait();
        flash->CR.write(flash_cr::OPTWRE | flash_cr::OPTPG);
        for (unsigned i = 0; i < option_byte_count; ++i) {
            option_bytes()[i] = bytes[i];
            wait();
        }
        flash->CR.write(flash_cr::none);
    }
};

}  // namespace drivers
