// SPDX-License-Identifier: ISC
// The flash as the update sees it: which part of it is the application's.
#pragma once

#include <algorithm>

#include "config/layout.hpp"
#include "drivers/flash.hpp"
#include "drivers/pin.hpp"

namespace boot {

class ApplicationFlash : public drivers::Flash {
  public:
    /** First address past the flash that an application may have on the largest part that the build is made for. */
    static constexpr std::uint32_t most =
        config::high_memory
            ? config::record_page
            : config::flash_base + (config::board.memory.flash_size != 0 ? config::board.memory.flash_size
                                                                         : config::board.memory.flash_limit);

    /** First address past the flash that an application may use. */
    static std::uint32_t application_end() {
        if constexpr (config::high_memory || config::board.memory.flash_size != 0) return most;
        return config::flash_base + reported_size();
    }

    /** Tells the user that a page is being written: the LED flickers. */
    static void signal() {
        if constexpr (config::board.led.fitted) drivers::toggle_or_write(config::board.led.pin, true, {});
    }

  private:
    /** The size in bytes that the chip reports, believed as far as it is possible. */
    [[gnu::noinline]] static std::uint32_t reported_size() {
        constexpr std::uint32_t least = config::application_base - config::flash_base;
        return std::clamp(chip::flash_size_register() * 1024, least, config::board.memory.flash_limit);
    }
};

}  // namespace boot
