// SPDX-License-Identifier: ISC
// Replaces the bootloader that starts it, by USB alone; then resets into the new one.
//
// A power failure must find something that starts. Standard layout:
//   1. Page 0 is erased and gets one word, which makes the chip start the installer. (First window.)
//   2. The new bootloader's other pages. A cut in here starts the installer again, which begins anew.
//   3. Page 0, its start-up words last. (Second window.)
// In a window a cut leaves a chip that needs its serial loader or a debug probe: an erase and two half-words, then an
// erase and the words of a page.
//
// High memory: the new bootloader lies where the old one is not. Its pages come first, while the old one still starts,
// and then page 0 is erased and gets its one word: a single window.
//
// There is no third way for a reset: page 0 is either the old bootloader's, whole, or starts the installer, or is the
// new one's. What a cut left half charged is not trusted: whoever begins anew erases and writes every page.

#include "chip/core.hpp"
#include "drivers/backup.hpp"
#include "installer/pages.hpp"
#include "installer/quiet.hpp"
#include "installer/refusals.hpp"
#include "installer/sign.hpp"

namespace installer {
namespace {

/** Reading flash that the chip does not have faults, which vectors.cpp answers: it does not fit. */
bool is_installed() {
    return holds_payload() && (!config::high_memory || start_vector() == payload_reset_vector());
}

/** From here on the chip starts the installer. Where it does already, page 0 is left alone. */
bool redirect_start() {
    const auto here = reinterpret_cast<std::uint32_t>(&entry);
    return start_vector() == here || write_start(here);
}

/** What the old bootloader, or an application of another base, left where the new one looks for an application. */
bool clear_application() {
    if (config::application_base >= reinterpret_cast<std::uint32_t>(installer_vectors)) return true;
    erase(config::application_base);
    return is_blank(config::application_base);
}

bool replace() {
    if constexpr (config::high_memory)
        return write_pages(config::bootloader_base) && write_start(payload_reset_vector());
    return redirect_start() && write_pages(config::bootloader_base + page_size) && clear_application() &&
           write_page(config::flash_base) && holds_payload();
}

/** The installer is no application any more, so that it never replaces a bootloader that is installed after this one.
 * Zeroes can be programmed over anything (PM0075 section 2.3.2); on clones that refuse them it stays, and leads to DFU.
 */
void retire() {
    const auto own = reinterpret_cast<std::uint32_t>(installer_vectors);
    for (std::uint32_t address = own; address != own + 8; address += 2)
        if (half_word(address) != 0) static_cast<void>(program(address, 0));
}

}  // namespace
}  // namespace installer

extern "C" [[noreturn, gnu::used]] void install() {
    using namespace installer;
    quiet_the_chip();
    start_sign();
    unlock();
    if (!is_installed()) {
        Refusal refusal = first_refusal();
        if (refusal == Refusal::none && !replace()) refusal = Refusal::flash_fails;
        if (refusal != Refusal::none) refuse(refusal);
    }
    retire();
    chip::rcc->APB1ENR.write(drivers::backup_clocks);
    drivers::leave(config::board.command);
    chip::system_reset();
}
