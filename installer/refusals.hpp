// SPDX-License-Identifier: ISC
// What is looked at before the bootloader in place is touched.
#pragma once

#include "chip/flash.hpp"
#include "installer/pages.hpp"
#include "installer/sign.hpp"
#include "installer/vectors.hpp"

namespace installer {

/** The bit of FLASH_WRPR that protects an address: one for 4 KiB, the last for all above 124 KiB (PM0075 2.4.2). */
constexpr std::uint32_t protection_bit(std::uint32_t address) {
    const std::uint32_t unit = (address - config::flash_base) / config::protection_unit;
    return 1u << (unit < 31 ? unit : 31);
}

/** What is written: page 0, the bootloader, which is no longer than one unit, and the first page of the application. */
inline constexpr std::uint32_t written_units =
    protection_bit(config::flash_base) | protection_bit(config::bootloader_base) |
    protection_bit(config::bootloader_base + config::bootloader_reserve - 1) | protection_bit(config::application_base);

/** Read protection protects pages 0 to 3 from being written as well, and WRPR does not show it (PM0075 2.4.1). */
inline bool is_protected() {
    const std::uint32_t units = written_units | protection_bit(reinterpret_cast<std::uint32_t>(scratch));
    return Flash::read_protected() || (chip::flash->WRPR & units) != units;
}

/** Erases what belongs to nobody, without a belief in the size of its page. */
inline bool erase_scratch(std::uint32_t address) {
    Flash::erase_page(address);
    return is_blank(address, 1024);
}

/**
 * The size of the chip's pages, measured on flash that belongs to nobody: a program cannot read the identification
 * registers of some parts (ES096 section 2.2.1 of medium density), and clones state what they like.
 * @return bytes; 0 where the flash takes nothing
 */
inline std::uint32_t measured_page_size() {
    const auto first = reinterpret_cast<std::uint32_t>(scratch), second = first + 1024;
    if (!erase_scratch(first) || !erase_scratch(second) || !program(second, 0) || !erase_scratch(first)) return 0;
    return half_word(second) == 0 ? 1024 : 2048;
}

/** Nothing below the installer has been changed when this has answered. */
inline Refusal first_refusal() {
    if (is_protected()) return Refusal::is_protected;
    const std::uint32_t size = measured_page_size();
    if (size == 0) return Refusal::flash_fails;
    return size == page_size ? Refusal::none : Refusal::does_not_fit;
}

}  // namespace installer
