// SPDX-License-Identifier: ISC
// Turns the user's options (-D) into a changed copy of the board. The only file with preprocessor conditions.
//
// Each option is applied by one line, so that an option that is not here does not exist. Before the compiler runs, the
// build has refused unknown names and values of the wrong kind (cmake/options.cmake); ranges are checked where the
// value would lose bits, here, and all else in config/layout.hpp.
#pragma once

#include "config/board.hpp"
#include "config/names.hpp"
#include DAPBOOT_BOARD_HEADER

namespace config {

enum class Variant : std::uint8_t { standard, high_64, high_128, high_256 };

inline constexpr Variant variant =
#if defined(DAPBOOT_VARIANT_HIGH)
    Variant::high_64;
#elif defined(DAPBOOT_VARIANT_HIGH_128)
    Variant::high_128;
#elif defined(DAPBOOT_VARIANT_HIGH_256)
    Variant::high_256;
#else
    Variant::standard;
#endif

/** The region that the linker was given, in bytes; zeroes where nothing is linked. */
struct Region {
    std::uint32_t origin, length;
};
#ifdef DAPBOOT_ORIGIN
inline constexpr Region linked{DAPBOOT_ORIGIN, DAPBOOT_LENGTH};
#else
inline constexpr Region linked{};
#endif

constexpr Level active(bool high) {
    return high ? Level::high : Level::low;
}
constexpr Drive drive(bool open_drain) {
    return open_drain ? Drive::open_drain : Drive::push_pull;
}

/** Which parts the options describe: a description of something that is not there would be ignored. */
struct Described {
    bool led, button, usb_pullup;
};
inline constexpr Described described{
#if defined(LED_GPIO_PORT) || defined(LED_GPIO_PIN) || defined(LED_OPEN_DRAIN)
    .led = true,
#else
    .led = false,
#endif
#if defined(BUTTON_GPIO_PORT) || defined(BUTTON_GPIO_PIN) || defined(BUTTON_ACTIVE_HIGH) || \
    defined(BUTTON_USES_PULL) || defined(BUTTON_SAMPLE_DELAY_CYCLES)
    .button = true,
#else
    .button = false,
#endif
#if defined(USB_PULLUP_GPIO_PORT) || defined(USB_PULLUP_GPIO_PIN) || defined(USB_PULLUP_ACTIVE_HIGH) || \
    defined(USB_PULLUP_OPEN_DRAIN)
    .usb_pullup = true,
#else
    .usb_pullup = false,
#endif
};

constexpr Board with_options(Board b) {
    using namespace names;
    if (variant != Variant::standard) b.usb.product = "DAPBoot High-Memory DFU Bootloader";
#ifdef COMPATIBLE_WITH
    b = compatible_with(COMPATIBLE_WITH, b);  // first: other options may change what it changes
#endif
#ifdef HAVE_LED
    b.led.fitted = HAVE_LED;
#endif
#ifdef LED_GPIO_PORT
    b.led.pin.port = LED_GPIO_PORT;
#endif
#ifdef LED_GPIO_PIN
    b.led.pin.number = static_cast<std::uint8_t>(PinNumber{LED_GPIO_PIN});
#endif
#ifdef LED_OPEN_DRAIN
    // An open-drain LED hangs on VDD and is lit by low; a push-pull one hangs on ground.
    b.led.drive = drive(LED_OPEN_DRAIN);
    b.led.lit = active(!(LED_OPEN_DRAIN));
#endif
#ifdef HAVE_BUTTON
    b.button.fitted = HAVE_BUTTON;
#endif
#ifdef BUTTON_GPIO_PORT
    b.button.pin.port = BUTTON_GPIO_PORT;
#endif
#ifdef BUTTON_GPIO_PIN
    b.button.pin.number = static_cast<std::uint8_t>(PinNumber{BUTTON_GPIO_PIN});
#endif
#ifdef BUTTON_ACTIVE_HIGH
    b.button.pressed = active(BUTTON_ACTIVE_HIGH);
#endif
#ifdef BUTTON_USES_PULL
    b.button.internal_pull = BUTTON_USES_PULL;
#endif
#ifdef BUTTON_SAMPLE_DELAY_CYCLES
    b.button.settle = {BUTTON_SAMPLE_DELAY_CYCLES};
#endif
#ifdef HAVE_USB_PULLUP_CONTROL
    b.usb_pullup.switched = HAVE_USB_PULLUP_CONTROL;
#endif
#ifdef USB_PULLUP_GPIO_PORT
    b.usb_pullup.pin.port = USB_PULLUP_GPIO_PORT;
#endif
#ifdef USB_PULLUP_GPIO_PIN
    b.usb_pullup.pin.number = static_cast<std::uint8_t>(PinNumber{USB_PULLUP_GPIO_PIN});
#endif
#ifdef USB_PULLUP_ACTIVE_HIGH
    b.usb_pullup.connected = active(USB_PULLUP_ACTIVE_HIGH);
#endif
#ifdef USB_PULLUP_OPEN_DRAIN
    b.usb_pullup.drive = drive(USB_PULLUP_OPEN_DRAIN);
#endif
#ifdef FLASH_SIZE_OVERRIDE
    b.memory.flash_size = FLASH_SIZE_OVERRIDE;
#endif
#ifdef FLASH_PAGE_SIZE
    b.memory.flash_page = FLASH_PAGE_SIZE;
#endif
#ifdef APP_BASE_ADDRESS
    b.application_base = APP_BASE_ADDRESS;
#endif
#ifdef REG_BOOT
    b.command.backup_register = static_cast<std::uint8_t>(BackupRegister{REG_BOOT});
#endif
#ifdef CMD_BOOT
    static_assert(CMD_BOOT >= 1 && CMD_BOOT <= 0xFFFF,
                  "CMD_BOOT: 1 to 0xFFFF; a backup register has 16 bits, and 0 in it when no application has asked");
    b.command.word = static_cast<std::uint16_t>(CMD_BOOT);
#endif
#ifdef DFU_UPLOAD_AVAILABLE
    b.dfu.can_upload = DFU_UPLOAD_AVAILABLE;
#endif
#ifdef DFU_DOWNLOAD_AVAILABLE
    b.dfu.can_download = DFU_DOWNLOAD_AVAILABLE;
#endif
#ifdef DFU_WILL_DETACH
    b.dfu.will_detach = DFU_WILL_DETACH;
#endif
#ifdef USB_DFU_ALTN
    static_assert(USB_DFU_ALTN <= 7, "USB_DFU_ALTN: 0 to 7");
    b.dfu.alternate = USB_DFU_ALTN;
#endif
#ifdef TARGET_DFU_WTRANSFERSIZE
    static_assert(TARGET_DFU_WTRANSFERSIZE <= 4096, "TARGET_DFU_WTRANSFERSIZE: 64 to 4096 bytes");
    b.dfu.transfer_size = TARGET_DFU_WTRANSFERSIZE;
#endif
#ifdef LANDING_PAGE_URL
    b.usb.landing_page = LANDING_PAGE_URL;
#endif
#ifdef USB_VID
    static_assert(USB_VID >= 1 && USB_VID <= 0xFFFF, "USB_VID: 1 to 0xFFFF");
    b.usb.vendor_id = USB_VID;
#endif
#ifdef USB_PID
    static_assert(USB_PID >= 1 && USB_PID <= 0xFFFF, "USB_PID: 1 to 0xFFFF");
    b.usb.product_id = USB_PID;
#endif
#ifdef USB_VENDOR_STRING
    b.usb.vendor = USB_VENDOR_STRING;
#endif
#ifdef USB_MICROSOFT_OS_10
    b.usb.microsoft_os_10 = USB_MICROSOFT_OS_10;
#endif
#ifdef USB_PRODUCT_STRING
    b.usb.product = USB_PRODUCT_STRING;
#endif
#ifdef USB_INTERFACE_STRING
    b.usb.interface = USB_INTERFACE_STRING;
#endif
#ifdef HAVE_DOUBLE_RESET
    b.options.double_reset = HAVE_DOUBLE_RESET;
#endif
#ifdef BOOT_WATCHDOG_SECONDS
    static_assert(BOOT_WATCHDOG_SECONDS >= 0 && BOOT_WATCHDOG_SECONDS <= 26,
                  "BOOT_WATCHDOG_SECONDS: 0 to 26, the most that the independent watchdog can wait");
    b.options.watchdog_seconds = BOOT_WATCHDOG_SECONDS;
#endif
#ifdef PROTECT_BOOTLOADER
    b.options.protect_bootloader = PROTECT_BOOTLOADER;
#endif
#ifdef HSE_VALUE
    b.clock.hse_frequency = HSE_VALUE;
#endif
#ifdef USE_HSI
    if (USE_HSI) b.clock.hse_frequency = 0;
#endif
#if defined(USE_HSI) && defined(HSE_VALUE)
    static_assert(!USE_HSI, "HSE_VALUE: USE_HSI says that there is no crystal");
#endif
    b.swd_pins_in_use = (b.led.fitted && is_debug_pin(b.led.pin)) || (b.button.fitted && is_debug_pin(b.button.pin)) ||
                        (b.usb_pullup.switched && is_debug_pin(b.usb_pullup.pin));
    return b;
}

/** The board that this bootloader is for. */
inline constexpr Board board = with_options(boards::board);

}  // namespace config
