// SPDX-License-Identifier: ISC
// Where bootloader and application lie in flash, derived from board and variant; every relation is checked here.
#pragma once

#include "config/options.hpp"

namespace config {

inline constexpr std::uint32_t flash_base = 0x0800'0000;
inline constexpr std::uint32_t sram_base = 0x2000'0000;

/** True: the bootloader sits at the top of flash, and the application starts where the chip looks after reset. */
inline constexpr bool high_memory = variant != Variant::standard;

/** Flash that the bootloader may occupy, in bytes, in whole pages. The linker enforces its own, tighter limit. */
inline constexpr std::uint32_t bootloader_reserve =
    board.options.protect_bootloader || board.options.maple_commands || board.options.double_reset ||
            board.options.watchdog_seconds != 0 || (high_memory && board.memory.flash_page == 2_KiB)
        ? 4_KiB
        : 3_KiB;

/** First byte behind the part that a high-memory variant is made for. */
inline constexpr std::uint32_t part_end = flash_base + (variant == Variant::high_64    ? 64_KiB
                                                        : variant == Variant::high_128 ? 128_KiB
                                                                                       : 256_KiB);

inline constexpr std::uint32_t bootloader_base = high_memory ? part_end - bootloader_reserve : flash_base;

/** Flash is write-protected in units of 4 KiB (RM0008 section 3.3.3, PM0075 section 2.5). */
inline constexpr std::uint32_t protection_unit = 4_KiB;
inline constexpr std::uint32_t protected_base = bootloader_base / protection_unit * protection_unit;

/** High-memory: the page that tells whether an update is open (dfu/update.hpp). */
inline constexpr std::uint32_t record_page =
    (board.options.protect_bootloader ? protected_base : bootloader_base) - board.memory.flash_page;

/** Address of the application's vector table. */
inline constexpr std::uint32_t application_base = board.application_base != 0 ? board.application_base
                                                  : high_memory               ? flash_base
                                                                              : flash_base + 8_KiB;

/** Length in UTF-16, in which USB counts; a UTF-8 sequence of four bytes needs two units. */
constexpr std::size_t utf16_units(std::string_view utf8) {
    std::size_t units = 0;
    for (const char c : utf8) {
        const auto octet = static_cast<unsigned char>(c);
        units += (octet & 0xC0) == 0x80 ? 0 : octet >= 0xF0 ? 2 : 1;
    }
    return units;
}

static_assert(board.memory.flash_page == 1_KiB || board.memory.flash_page == 2_KiB,
              "FLASH_PAGE_SIZE: an STM32F103 has pages of 1024 or 2048 bytes");
static_assert(application_base % board.memory.flash_page == 0,
              "APP_BASE_ADDRESS: the application must start on a flash page");
static_assert(!board.options.protect_bootloader || high_memory || application_base >= protected_base + protection_unit,
              "PROTECT_BOOTLOADER: protects 4 KiB, so APP_BASE_ADDRESS must be 0x08001000 or above");
static_assert(high_memory ? application_base == flash_base : application_base >= bootloader_base + bootloader_reserve,
              "APP_BASE_ADDRESS: the application must not overlap the bootloader");
static_assert(application_base % 512 == 0, "APP_BASE_ADDRESS: VTOR needs a vector table aligned to 512 bytes");
static_assert(board.memory.flash_size == 0 || high_memory || flash_base + board.memory.flash_size > application_base,
              "FLASH_SIZE_OVERRIDE: the flash ends before the application starts");
static_assert(board.dfu.transfer_size >= 64 && board.dfu.transfer_size <= 4096,
              "TARGET_DFU_WTRANSFERSIZE: 64 to 4096 bytes");
static_assert(board.command.backup_register >= 1 && board.command.backup_register <= 10, "REG_BOOT: BKP1 to BKP10");
static_assert(board.clock.hse_frequency == 0 || board.clock.hse_frequency == 8'000'000 ||
                  board.clock.hse_frequency == 12'000'000 || board.clock.hse_frequency == 16'000'000,
              "HSE_VALUE: 8000000, 12000000 or 16000000, or USE_HSI");
static_assert(board.usb.landing_page.size() <= 252, "LANDING_PAGE_URL: longer than 252 bytes (WebUSB section 4.3.1)");
static_assert(utf16_units(board.usb.vendor) <= 126, "USB_VENDOR_STRING: longer than 126 characters");
static_assert(utf16_units(board.usb.product) <= 126, "USB_PRODUCT_STRING: longer than 126 characters");
static_assert(utf16_units(board.usb.interface) <= 126, "USB_INTERFACE_STRING: longer than 126 characters");
static_assert(board.memory.flash_size % board.memory.flash_page == 0, "FLASH_SIZE_OVERRIDE: not whole pages");
static_assert(board.memory.flash_size != 0 || board.memory.flash_page == 1_KiB,
              "FLASH_SIZE_OVERRIDE: a board with pages of 2 KiB states its size");
static_assert(!board.options.protect_bootloader || variant != Variant::high_256,
              "PROTECT_BOOTLOADER: on a 256 KiB part the protection of the last pages reaches down to 124 KiB");
static_assert(!board.button.fitted || (board.button.settle.count / 9 > 0 && board.button.settle.count / 9 <= 0xFF'FFFF),
              "BUTTON_SAMPLE_DELAY_CYCLES: 9 to 150994943 cycles of 72 MHz");

// What is on the board.
static_assert(!described.led || board.led.fitted,
              "LED_GPIO_PORT, LED_GPIO_PIN, LED_OPEN_DRAIN: there is no LED; HAVE_LED=1 adds one");
static_assert(!described.button || board.button.fitted,
              "BUTTON_GPIO_PORT, BUTTON_GPIO_PIN, BUTTON_ACTIVE_HIGH, BUTTON_USES_PULL, BUTTON_SAMPLE_DELAY_CYCLES: "
              "there is no button; HAVE_BUTTON=1 adds one");
static_assert(
    !described.usb_pullup || board.usb_pullup.switched,
    "USB_PULLUP_GPIO_PORT, USB_PULLUP_GPIO_PIN, USB_PULLUP_ACTIVE_HIGH, USB_PULLUP_OPEN_DRAIN: the pull-up of "
    "this board is not switched; HAVE_USB_PULLUP_CONTROL=1 says that it is");
static_assert(!board.led.fitted || exists(board.led.pin),
              "HAVE_LED: LED_GPIO_PORT and LED_GPIO_PIN (GPIO0 to GPIO15) must say where the LED is");
static_assert(!board.button.fitted || exists(board.button.pin),
              "HAVE_BUTTON: BUTTON_GPIO_PORT and BUTTON_GPIO_PIN (GPIO0 to GPIO15) must say where the button is");
static_assert(
    !board.usb_pullup.switched || exists(board.usb_pullup.pin),
    "HAVE_USB_PULLUP_CONTROL: USB_PULLUP_GPIO_PORT and USB_PULLUP_GPIO_PIN (GPIO0 to GPIO15) must say where the "
    "transistor is");
static_assert(!board.led.fitted || !is_usb_pin(board.led.pin), "LED_GPIO_PIN: PA11 and PA12 carry USB");
static_assert(!board.button.fitted || !is_usb_pin(board.button.pin), "BUTTON_GPIO_PIN: PA11 and PA12 carry USB");
static_assert(!board.usb_pullup.switched || !is_usb_pin(board.usb_pullup.pin),
              "USB_PULLUP_GPIO_PIN: PA11 and PA12 carry USB");
static_assert(!board.led.fitted || !board.button.fitted || board.led.pin != board.button.pin,
              "LED_GPIO_PIN, BUTTON_GPIO_PIN: LED and button cannot share a pin");
static_assert(!board.led.fitted || !board.usb_pullup.switched || board.led.pin != board.usb_pullup.pin,
              "LED_GPIO_PIN, USB_PULLUP_GPIO_PIN: LED and pull-up cannot share a pin");
static_assert(!board.button.fitted || !board.usb_pullup.switched || board.button.pin != board.usb_pullup.pin,
              "BUTTON_GPIO_PIN, USB_PULLUP_GPIO_PIN: button and pull-up cannot share a pin");

// What it does.
static_assert(board.dfu.can_upload || board.dfu.can_download,
              "DFU_UPLOAD_AVAILABLE, DFU_DOWNLOAD_AVAILABLE: one of them must be 1, or there is nothing to do");
static_assert(board.command.word != 0, "CMD_BOOT: 1 to 0xFFFF");
static_assert(!board.usb.landing_page.empty() && !board.usb.vendor.empty() && !board.usb.product.empty() &&
                  !board.usb.interface.empty(),
              "LANDING_PAGE_URL, USB_VENDOR_STRING, USB_PRODUCT_STRING, USB_INTERFACE_STRING: an empty text");
static_assert(board.usb.landing_page.find("://") == std::string_view::npos,
              "LANDING_PAGE_URL: without the scheme, which is always https");
static_assert(high_memory || application_base < flash_base + board.memory.flash_limit,
              "APP_BASE_ADDRESS: behind the end of the flash");
static_assert(linked.origin == 0 || linked.origin == bootloader_base,
              "LDSCRIPT: the bootloader of this variant has another address");
static_assert(high_memory || application_base >= bootloader_base + linked.length,
              "APP_BASE_ADDRESS: the application must not begin inside of the bootloader's region "
              "(LDSCRIPT)");
static_assert(board.dfu.alternate <= 7, "USB_DFU_ALTN: 0 to 7");
static_assert(!board.options.maple_commands || (application_base == flash_base + 8_KiB && board.dfu.alternate == 2),
              "COMPATIBLE_WITH=MAPLE: applications start at 0x08002000, and DFU is alternate setting 2");

}  // namespace config
