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
    for (const TimerKind* const kind : {&tim1(), &tim2(), &tim3(), &tim4()})
        add<Timer>(rcc, gpio, afio.state.mapr, *kind);
    // A byte reaches the wire where the TX pin is an alternate function (9.1.9, 9.3.8).
    add<Usart>(rcc, Place{.name = "USART1", .base = 0x4001'3800, .gate = Gate::apb2, .gate_bit = 14}, 37u).sent =
        [this](std::uint8_t byte) {
            const Pin pin = (afio.state.mapr & bit(2)) != 0 ? Pin{'B', 6} : Pin{'A', 9};
            if (usart_sent && gpio.alternate_output(pin)) usart_sent(1, byte);
        };
    add<Usart>(rcc, Place{.name = "USART2", .base = 0x4000'4400, .gate = Gate::apb1, .gate_bit = 17}, 38u).sent =
        [this](std::uint8_t byte) {
            const Pin pin = (afio.state.mapr & bit(3)) != 0 ? Pin{'D', 5} : Pin{'A', 2};
            if (usart_sent && gpio.alternate_output(pin)) usart_sent(2, byte);
        };
}

}  // namespace sim::chip
