// SPDX-License-Identifier: ISC
// The names that users write in DEFS: -DLED_GPIO_PORT=GPIOC -DLED_GPIO_PIN=GPIO13 -DREG_BOOT=BKP1.
#pragma once

#include "config/board.hpp"

namespace config::names {

inline constexpr Port GPIOA = Port::A, GPIOB = Port::B, GPIOC = Port::C, GPIOD = Port::D, GPIOE = Port::E,
                      GPIOF = Port::F, GPIOG = Port::G;

/** A pin's number within its port; a type of its own, so that a mask such as (1 << 13) does not compile. */
enum class PinNumber : std::uint8_t {};
inline constexpr PinNumber GPIO0{0}, GPIO1{1}, GPIO2{2}, GPIO3{3}, GPIO4{4}, GPIO5{5}, GPIO6{6}, GPIO7{7}, GPIO8{8},
    GPIO9{9}, GPIO10{10}, GPIO11{11}, GPIO12{12}, GPIO13{13}, GPIO14{14}, GPIO15{15};

/** BKP1 is BKP_DR1 of RM0008. */
enum class BackupRegister : std::uint8_t {};
inline constexpr BackupRegister BKP1{1}, BKP2{2}, BKP3{3}, BKP4{4}, BKP5{5}, BKP6{6}, BKP7{7}, BKP8{8}, BKP9{9},
    BKP10{10};

/** Bootloaders that COMPATIBLE_WITH can name. */
enum class Predecessor : std::uint8_t { maple };
inline constexpr Predecessor MAPLE = Predecessor::maple;

/** The Maple bootloader, and STM32duino's that grew from it: what hosts and applications know it by. */
constexpr Board compatible_with(Predecessor, Board b) {
    b.usb.vendor_id = 0x1EAF;
    b.usb.product_id = 0x0003;
    b.dfu.alternate = 2;
    b.usb.refused_settings[0] = "RAM (not here)";
    b.usb.refused_settings[1] = "Flash from 0x08005000 (not here)";
    b.usb.interface = "Flash from 0x08002000";
    b.options.maple_commands = true;
    return b;
}

}  // namespace config::names
