// SPDX-License-Identifier: ISC
// Which chip sits on the board: sizes, identity, and how its flash behaves beyond the manual.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "sim/time.hpp"

namespace sim {

/// A part of the STM32F103 family, or a clone of one. All fields are free, so that a C8 that
/// carries 128 KiB and reports 64, or a clone that reports nonsense, is one line of a test.
struct ChipVariant {
    std::string name = "STM32F103C8";
    std::uint32_t flash_bytes = 65536;  ///< What is really there: a multiple of 4096 up to 512 KiB.
    std::uint32_t page_bytes = 1024;    ///< 1024 up to 128 KiB (medium density), 2048 above.
    std::uint32_t ram_bytes = 20480;    ///< A multiple of 1024 up to 96 KiB (6 on a C4, 10 on a C6).
    std::uint16_t size_register = 64;   ///< F_SIZE at 0x1FFFF7E0, in KiB (RM0008 30.1.1).
    std::array<std::uint32_t, 3> unique_id{0x0667ff53, 0x48826651, 0x87174439};  ///< At 0x1FFFF7E8 (30.2).
    std::uint32_t idcode = 0x2003'6410;                                          ///< DBGMCU_IDCODE (31.6.1).
    bool clone_ignores_zero = false;  ///< Refuses 0x0000 over programmed data with PGERR.
    bool stalls_while_busy = true;  ///< The core waits when it reads the array during an operation; some clones do not.
    bool shows_lock = true;         ///< FLASH_CR.LOCK reads as it is; some clones always show 0.
    bool read_protected = false;    ///< RDP is set when the chip comes to its board (PM0075 2.4.1).
    std::uint32_t lsi_hz = 40'000;  ///< 30 to 60 kHz by the datasheet (DS5319 table 25).
};

/// Parts as sold. The `C8 with 128` carries twice what its size register says.
inline const ChipVariant stm32f103c8{};
inline const ChipVariant stm32f103c8_with_128{.name = "STM32F103C8 (128 KiB)", .flash_bytes = 131072};
inline const ChipVariant stm32f103cb{.name = "STM32F103CB", .flash_bytes = 131072, .size_register = 128};
inline const ChipVariant stm32f103rc{.name = "STM32F103RC",
                                     .flash_bytes = 262144,
                                     .page_bytes = 2048,
                                     .ram_bytes = 49152,
                                     .size_register = 256,
                                     .idcode = 0x1003'6414};

/// How long flash operations take: the datasheet's typical or maximum column (DS5319 table 28).
struct FlashTiming {
    Time program{52'500'000};    ///< One half-word.
    Time erase{20'000'000'000};  ///< One page.
    Time mass_erase{20'000'000'000};
};
inline constexpr FlashTiming typical_flash{};
inline constexpr FlashTiming maximum_flash{Time{70'000'000}, Time{40'000'000'000}, Time{40'000'000'000}};

}  // namespace sim
