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
        if constexpr (memory.flash_size != 0) return config::flash_base + memory.flash_size;
        return config::flash_base + reported_size();
    }

  private:
    static constexpr auto memory = config::board.memory;

    /** The size in bytes that the chip reports, believed as far as it is possible. */
    [[gnu::noinline]] static std::uint32_t reported_size() {
        constexpr std::uint32_t least = config::application_base - config::flash_base;
        return std::clamp(chip::flash_size_register() * 1024, least, memory.flash_limit);
    }
};

}  // namespace drivers
