// SPDX-License-Identifier: ISC
// The seam of the update: what is not a flash memory is refused by name.
#include "dfu/update.hpp"

struct Complete {
    static constexpr std::uint16_t blank = 0xFFFF;
    static const std::uint8_t* at(std::uint32_t);
    static bool unlock();
    static void erase_page(std::uint32_t);
    static void program(std::uint32_t, std::uint16_t);
    static bool met_protection();
    static std::uint32_t application_end();
};

struct WithoutErase {
    static constexpr std::uint16_t blank = 0xFFFF;
    static const std::uint8_t* at(std::uint32_t);
    static bool unlock();
    static void program(std::uint32_t, std::uint16_t);
    static bool met_protection();
    static std::uint32_t application_end();
};

inline constexpr dfu::Placement place{.page = 1024,
                                      .transfer_size = 1024,
                                      .application_base = 0x0800'2000,
                                      .ram_base = 0x2000'0000,
                                      .ram_end = 0x2000'5000,
                                      .high_memory = false,
                                      .record = 0,
                                      .bootloader_base = 0x0800'0000};

using Right = dfu::Update<Complete, place>;
#ifdef FLASH_WITHOUT_ERASE
using Wrong = dfu::Update<WithoutErase, place>;
#endif
