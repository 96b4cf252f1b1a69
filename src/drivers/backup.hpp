// SPDX-License-Identifier: ISC
// The command word that an application leaves in a backup register (RM0008 section 6).
#pragma once

#include "chip/backup.hpp"
#include "chip/rcc.hpp"
#include "config/board.hpp"

namespace drivers {

/** Clocks that backup registers need before they can even be read. */
inline constexpr auto backup_clocks = chip::rcc_apb1enr::PWREN | chip::rcc_apb1enr::BKPEN;

/** Leaves the command behind for after a reset. The clocks must be on. */
inline void leave(config::BootCommand command) {
    chip::pwr->CR.write(chip::pwr_cr::DBP);
    chip::bkp->DR[command.backup_register] = command.word;
}

/** Tells whether the command is there, and forgets it, so that the next reset starts the application. */
inline bool take(config::BootCommand command) {
    auto& word = chip::bkp->DR[command.backup_register];
    if (word != command.word) return false;
    chip::pwr->CR.write(chip::pwr_cr::DBP);
    word = 0;
    return true;
}

}  // namespace drivers
