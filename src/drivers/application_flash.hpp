// SPDX-License-Identifier: ISC
// The flash of this chip as the update sees it: where the application's part of it ends.
#pragma once

#include <algorithm>

#include "config/layout.hpp"
#include "drivers/flash.hpp"

namespace drivers {

class ApplicationFlash : public Flash {
  public:
    /** One behind the last byte that an application may use. */
    static std::uint32_t application_end() {
        if constexpr (config::high_memory) return config::record_page;
        return config::flash_base + size();
    }

  private:
    /** A board that is known to have more than its chip admits says so; otherwise the chip is asked, and what it says
     * is believed up to what such a chip can have. */
    [[gnu::noinline]] static std::uint32_t size() {
        constexpr auto memory = config::board.memory;
        if constexpr (memory.flash_size != 0) return memory.flash_size;
        return std::min(chip::flash_size_register() * 1024, memory.flash_limit);
    }
};

}  // namespace drivers
