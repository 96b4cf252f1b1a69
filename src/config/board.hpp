// SPDX-License-Identifier: ISC
// The vocabulary of boards: everything in which one STM32F103 board differs from another, as plain facts.
//
// A board is one constant of type Board in src/boards/. Nothing here knows a register; polarity, pin, page and size are
// types of their own, so that a level cannot be taken for a pin.
#pragma once

#include <cstdint>
#include <string_view>

namespace config {

enum class Port : std::uint8_t { A, B, C, D, E, F, G, none };

/** One pin of a port, number 0 to 15 (RM0008 section 9); by itself, no pin. */
struct Pin {
    Port port = Port::none;
    std::uint8_t number = 0xFF;

    friend constexpr bool operator==(Pin, Pin) = default;
};

constexpr bool exists(Pin pin) {
    return pin.port != Port::none && pin.number <= 15;
}
/** The USB cable's DM and DP (RM0008 table 21). */
constexpr bool is_usb_pin(Pin pin) {
    return pin == Pin{Port::A, 11} || pin == Pin{Port::A, 12};
}
/** Belongs to the debug port after reset (RM0008 section 9.3.5). */
constexpr bool is_debug_pin(Pin pin) {
    return (pin.port == Port::A && pin.number >= 13 && pin.number <= 15) ||
           (pin.port == Port::B && (pin.number == 3 || pin.number == 4));
}

enum class Level : std::uint8_t { low, high };
enum class Drive : std::uint8_t { push_pull, open_drain };

/** Cycles of a 72 MHz clock: the unit in which users have always written BUTTON_SAMPLE_DELAY_CYCLES. */
struct Cycles72MHz {
    std::uint32_t count;
};
consteval Cycles72MHz microseconds(std::uint32_t count) {
    return {count * 72};
}

/** Sizes in bytes. */
consteval std::uint32_t operator""_KiB(unsigned long long count) {
    return static_cast<std::uint32_t>(count * 1024);
}

struct Led {
    bool fitted;
    Pin pin;
    Level lit = Level::high;
    Drive drive;
};

struct Button {
    bool fitted;
    Pin pin;
    Level pressed;
    bool internal_pull;                         ///< pulled away from `pressed` by the chip; false where the board has a
                                                ///< resistor
    Cycles72MHz settle = microseconds(20'000);  ///< how long the input needs before it can be believed: a key's
                                                ///< contacts and capacitor
};

/** The 1.5 kOhm resistor on DP that announces a full-speed device (USB 2.0 section 7.1.5). */
struct UsbPullup {
    bool switched;  ///< false: soldered to DP, so DP itself is held low in order to be seen leaving
    Pin pin;
    Level connected;
    Drive drive;
};

struct Memory {
    std::uint32_t flash_page;   ///< erase unit in bytes: 1 KiB up to 128 KiB parts, 2 KiB above
    std::uint32_t flash_size;   ///< bytes; 0 asks the flash size register of the chip
    std::uint32_t flash_limit;  ///< bytes; the most that is believed when the chip is asked
    std::uint32_t ram_size;     ///< bytes; where an application's initial stack may lie
};

/** Where the system clock comes from. The USB clock is 48 MHz either way. */
struct Clock {
    std::uint32_t hse_frequency;  ///< Hz: 8, 12 or 16 MHz; 0 uses the internal oscillator alone
};

struct Usb {
    std::uint16_t vendor_id;
    std::uint16_t product_id;
    std::string_view vendor;
    std::string_view product;
    std::string_view interface;
    std::string_view landing_page;  ///< without its scheme, which is https
    /** Names of alternate settings 0 and 1, where those are 2: each then is a place that downloads are refused for.
     * Empty: dummies with the name of the other. */
    std::string_view refused_settings[2];
    bool microsoft_os_10;  ///< tells Windows 7 its driver; later ones read Microsoft OS 2.0
};

struct Dfu {
    bool can_download;
    bool can_upload;
    bool will_detach;             ///< resets into the application by itself; else manifestation tolerant
    std::uint8_t alternate;       ///< number of the alternate setting that speaks DFU
    std::uint16_t transfer_size;  ///< wTransferSize in bytes
};

/** The request that an application leaves behind in a backup register before it resets. */
struct BootCommand {
    std::uint8_t backup_register;  ///< 1 to 10: BKP_DR1 to BKP_DR10
    std::uint16_t word;
};

/** What the user can ask for beyond the plain boot decision; all off unless asked for. */
struct Options {
    bool double_reset;              ///< two resets within half a second enter DFU
    std::uint8_t watchdog_seconds;  ///< an application that hangs for so long returns to DFU; 0: no watchdog
    bool protect_bootloader;        ///< write-protect the bootloader's pages
    bool maple_commands;            ///< 0x424C and 1 in BKP_DR10 ask for DFU, too
};

struct Board {
    Led led;
    Button button;
    UsbPullup usb_pullup;
    Memory memory;
    Clock clock;
    Usb usb;
    Dfu dfu;
    BootCommand command;
    Options options;
    bool swd_pins_in_use;            ///< LED, button or pull-up sit on pins of the debug port, which is
                                     ///< switched off; follows from the pins
    std::uint32_t application_base;  ///< address of the application's vector table; 0 takes the variant's
};

/** A board on which nothing is fitted. Board headers copy it and state what is different. */
inline constexpr Board bare_board{
    .led = {},
    .button = {},
    .usb_pullup = {},
    .memory = {.flash_page = 1_KiB, .flash_size = 128_KiB, .flash_limit = 128_KiB, .ram_size = 20_KiB},
    .clock = {.hse_frequency = 8'000'000},
    .usb = {.vendor_id = 0x1209,
            .product_id = 0xDB42,
            .vendor = "Devanarchy",
            .product = "DAPBoot DFU Bootloader",
            .interface = "DAPBoot DFU",
            .landing_page = "devanlai.github.io/webdfu/dfu-util/",
            .refused_settings = {},
            .microsoft_os_10 = true},
    .dfu = {.can_download = true, .can_upload = true, .will_detach = true, .alternate = 0, .transfer_size = 2048},
    .command = {.backup_register = 1, .word = 0x4F42},
    .options = {},
    .swd_pins_in_use = false,
    .application_base = 0,
};

}  // namespace config
