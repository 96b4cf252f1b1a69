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

}  // namespace config::names
