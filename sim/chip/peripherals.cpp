// SPDX-License-Identifier: ISC
// The peripherals that nothing else in the chip speaks to by name: a line each.
#include "sim/chip/can.hpp"
#include "sim/chip/chip.hpp"
#include "sim/chip/crc.hpp"
#include "sim/chip/i2c.hpp"
#include "sim/chip/rom_table.hpp"
#include "sim/chip/rtc.hpp"
#include "sim/chip/wwdg.hpp"

namespace sim::chip {

void Chip::add_peripherals() {
    const auto pins = [this](RemapField remap) { return AlternatePins(gpio, afio.state.mapr, remap); };
    add<Crc>();
    add<RomTable>();
    add<Wwdg>(rcc);
    for (const TimerKind* const kind : {&tim1(), &tim2(), &tim3(), &tim4()})
        timers.push_back(&add<Timer>(rcc, pins(kind->remap), *kind));
    for (Timer* const timer : timers)
        timer->connect(timers);
    for (const UsartKind* const kind : {&usart1(), &usart2(), &usart3()}) {
        usarts.push_back(&add<Usart>(rcc, pins(kind->remap), *kind));
        usarts.back()->sent = [this](int number, std::uint8_t byte) {
            if (usart_sent) usart_sent(number, byte);
        };
    }
    for (const SpiKind* const kind : {&spi1(), &spi2()})
        spis.push_back(&add<Spi>(rcc, pins(kind->remap), *kind));
    add<Adc>(rcc, gpio, voltages, Place{.name = "ADC1", .base = 0x4001'2400, .gate = Gate::apb2, .gate_bit = 9}, 1u);
    add<Adc>(rcc, gpio, voltages, Place{.name = "ADC2", .base = 0x4001'2800, .gate = Gate::apb2, .gate_bit = 10}, 0u);
    add<Dma>(rcc, dma_bus());
    add<Can>(rcc, pins(Can::remap));
    for (const I2cKind* const kind : {&i2c1(), &i2c2()})
        add<I2c>(rcc, pins(kind->remap), *kind);
    add<Rtc>(rcc, pwr, variant.lsi_hz, [this] { exti.edge(17, true); });
}

}  // namespace sim::chip
