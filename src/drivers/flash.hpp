// SPDX-License-Identifier: ISC
// Flash memory: erase and program with the result read back (PM0075).
//
// Which addresses may be touched is decided once, where a block is accepted (dfu/update.hpp), not here. Nothing here
// trusts a status flag: what counts is what the array holds afterwards.
#pragma once

#include <cstdint>

#include "chip/core.hpp"
#include "chip/flash.hpp"

namespace drivers {

class Flash {
  public:
    static constexpr std::uint16_t blank = 0xFFFF;

    /** The array's memory from an address on. */
    static const std::uint8_t* at(std::uint32_t address) { return reinterpret_cast<const std::uint8_t*>(address); }

    /**
     * Takes the lock off until the next reset. To be called once after a reset: keys for an open lock would be a wrong
     * sequence (PM0075 section 2.2.2), and whether it is open cannot be asked, since there are clones whose LOCK reads
     * as 0 while they are locked.
     */
    static void unlock() {
        chip::flash->KEYR = chip::flash_key1;
        chip::flash->KEYR = chip::flash_key2;
    }

    /** Erases the page that holds `address`. Takes 20 ms, 40 ms at most, in which the core is stalled. */
    [[gnu::noinline]] static void erase_page(std::uint32_t address) {
        chip::flash->CR.write(chip::flash_cr::PER);
        chip::flash->AR = address;
        chip::flash->CR.write(chip::flash_cr::PER | chip::flash_cr::STRT);
        wait();
    }

    /** Programs a half-word that is blank, or any half-word to 0. Takes 52.5 us, 70 us at most. */
    static void program(std::uint32_t address, std::uint16_t half_word) {
        chip::flash->CR.write(chip::flash_cr::PG);
        *reinterpret_cast<volatile std::uint16_t*>(address) = half_word;
        wait();
    }

    /** Whether an operation met a write-protected page since this was last asked. */
    static bool met_protection() {
        const bool met = chip::flash->SR.any(chip::flash_sr::WRPRTERR);
        chip::flash->SR.write(chip::flash_sr::WRPRTERR);  // clears where 1 is written
        return met;
    }

    /** First address past the flash that is there, `end` at most: a chip may have less than it, or the build, says. */
    static std::uint32_t end_of_array(std::uint32_t end) {
        chip::ignore_bus_faults();
        do {  // bounded: this is read from the array
            end -= 1024;
            static_cast<void>(*reinterpret_cast<const volatile std::uint8_t*>(end));
        } while (chip::met_bus_fault());
        chip::heed_bus_faults();
        return end + 1024;
    }

    /** Whether a wrong key, not ours, has locked the controller until the next reset. */
    static bool is_locked() { return chip::flash->CR.any(chip::flash_cr::LOCK); }

    /** Whether debuggers are kept from reading the flash (PM0075 section 2.4). */
    static bool read_protected() { return chip::flash->OBR.any(chip::flash_obr::RDPRT); }

  protected:
    /** To the end of an operation. BSY may not show yet in the first read after STRT (errata sheet ES096, 2.2.8). */
    [[gnu::always_inline]] static void wait() {
        static_cast<void>(chip::flash->SR.read());
        while (chip::flash->SR.any(chip::flash_sr::BSY)) {  // bounded: 40 ms at most (datasheet)
        }
        asm volatile("" : : : "memory");  // what was read from the array before may have changed
    }
};

}  // namespace drivers
