// SPDX-License-Identifier: ISC
// The peripherals that nothing else in the chip speaks to by name: a line each.
#include "sim/chip/chip.hpp"
#include "sim/chip/crc.hpp"
#include "sim/chip/dbgmcu.hpp"
#include "sim/chip/timer.hpp"
#include "sim/chip/usart.hpp"
#include "sim/chip/wwdg.hpp"

namespace sim::chip {

void Chip::add_peripherals() {
    add<Crc>();
    add<Dbgmcu>(variant.idcode);
    add<Wwdg>(rcc);
    add<Timer>(rcc, Place{.name = "TIM2", .base = 0x4000'0000, .gate = Gate::apb1, .gate_bit = 0}, 28u);
    add<Timer>(rcc, Place{.name = "TIM3", .base = 0x4000'0400, .gate = Gate::apb1, .gate_bit = 1}, 29u);
    add<Timer>(rcc, Place{.name = "TIM4", .base = 0x4000'0800, .gate = Gate::apb1, .gate_bit = 2}, 30u);
    add<Usart>(rcc, Place{.name = "USART1", .base = 0x4001'3800, .gate = Gate::apb2, .gate_bit = 14}, 37u).sent =
        [this](std::uint8_t byte) {
            if (usart_sent) usart_sent(1, byte);
        };
    add<Usart>(rcc, Place{.name = "USART2", .base = 0x4000'4400, .gate = Gate::apb1, .gate_bit = 17}, 38u).sent =
        [this](std::uint8_t byte) {
            if (usart_sent) usart_sent(2, byte);
        };
}

}  // namespace sim::chip
