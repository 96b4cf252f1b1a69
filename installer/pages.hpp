// SPDX-License-Identifier: ISC
// Whole pages: erased, programmed, and believed only when they read back.
#pragma once

#include <cstddef>

#include "chip/iwdg.hpp"
#include "config/layout.hpp"
#include "drivers/flash.hpp"
#include "installer/payload.hpp"

namespace installer {

using drivers::Flash;

/** Bytes; what the bootloader was built for, and the chip has been measured to have. */
inline constexpr std::uint32_t page_size = config::board.memory.flash_page;

/** The old bootloader may have left the flash open, and keys for an open lock would be a wrong sequence (PM0075 section
 * 2.2.2). Some clones show their lock as open while it is not: FLASH_CR then takes no value. */
inline void unlock() {
    chip::flash->CR.write(chip::flash_cr::PG);
    if (Flash::is_locked() || !chip::flash->CR.any(chip::flash_cr::PG)) Flash::unlock();
}

inline std::uint16_t half_word(std::uint32_t address) {
    return *reinterpret_cast<const std::uint16_t*>(Flash::at(address));
}

inline bool is_blank(std::uint32_t page, std::uint32_t bytes = page_size) {
    for (std::uint32_t at = page; at != page + bytes; at += 2)
        if (half_word(at) != Flash::blank) return false;
    return true;
}

/** Whether the erase worked shows when the page is programmed; looking first would make the windows longer. */
inline void erase(std::uint32_t page) {
    chip::feed_watchdog();
    Flash::erase_page(page);
}

/** Programs a half-word; one that stays as it is after an erase is left alone. */
inline bool program(std::uint32_t address, std::uint16_t wanted) {
    if (wanted != Flash::blank) {
        chip::feed_watchdog();
        Flash::program(address, wanted);
    }
    return half_word(address) == wanted;
}

/** The half-word of the new bootloader's image for an address; blank past its end. */
inline std::uint16_t wanted_at(std::uint32_t address) {
    const std::size_t index = (address - config::bootloader_base) / 2;
    return index < payload_size() ? payload[index] : Flash::blank;
}

/** Whether the image lies in flash, from its page `first` on. */
inline bool holds_payload(std::uint32_t first = config::bootloader_base) {
    for (std::uint32_t at = first; at != config::bootloader_base + payload_size() * 2; at += 2)
        if (half_word(at) != wanted_at(at)) return false;
    return true;
}

/** Brings one page of the image to flash, its first two words last: with them, page 0 starts the chip. */
inline bool try_page(std::uint32_t page) {
    constexpr std::uint32_t vectors = 8;
    erase(page);
    for (std::uint32_t n = vectors; n != vectors + page_size; n += 2) {
        const std::uint32_t address = page + n % page_size;
        if (!program(address, wanted_at(address))) return false;
    }
    return true;
}

/** A page that does not take it gets a second erase. */
[[gnu::noinline]] inline bool write_page(std::uint32_t page) {
    for (unsigned attempts = 2; attempts != 0; --attempts)
        if (try_page(page)) return true;
    return false;
}

/** The image's pages from `first` on. */
inline bool write_pages(std::uint32_t first) {
    for (std::uint32_t page = first; page < config::bootloader_base + payload_size() * 2; page += page_size)
        if (!write_page(page)) return false;
    return holds_payload(first);
}

/** Erases page 0 and programs one word of it: where the chip starts. Nothing is done in between, because meanwhile the
 * chip has nothing to start with. */
inline bool write_start(std::uint32_t reset_vector) {
    constexpr std::uint32_t at = config::flash_base + 4;
    erase(config::flash_base);
    return program(at, static_cast<std::uint16_t>(reset_vector)) &&
           program(at + 2, static_cast<std::uint16_t>(reset_vector >> 16));
}

inline std::uint32_t start_vector() {
    return std::uint32_t{half_word(config::flash_base + 6)} << 16 | half_word(config::flash_base + 4);
}

}  // namespace installer
