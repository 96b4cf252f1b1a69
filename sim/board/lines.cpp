// SPDX-License-Identifier: ISC
// From wires to the blocks of the chip behind them.
#include "sim/board/lines.hpp"

#include <bit>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/board/machine_impl.hpp"
#include "sim/chip/i2c.hpp"

namespace sim {
namespace {

constexpr double most_volts = 5, threshold = 3.3 / 2;

template <class Block>
Block& find(const std::vector<Block*>& blocks, int number, const char* name) {
    for (Block* const block : blocks)
        if (block->kind().number == number) return *block;
    throw std::invalid_argument(fmt::format("there is no {}{}", name, number));
}

}  // namespace

void Lines::set_voltage(Pin pin, std::optional<double> volts) {
    if (volts && !(*volts >= 0 && *volts <= most_volts))
        throw std::invalid_argument(fmt::format("{} V would destroy the pin; give 0 to {} V", *volts, most_volts));
    chip::Chip& chip = machine_.impl_->chip;
    auto& port = chip.voltages.at.at(static_cast<std::size_t>(pin.port - 'A'));
    port.at(pin.number) = volts ? static_cast<float>(*volts) : std::numeric_limits<float>::quiet_NaN();
    chip.gpio.drive(pin, volts ? std::optional(*volts >= threshold ? Level::high : Level::low) : std::nullopt);
}

void Lines::begin_byte(int usart, std::uint8_t byte, std::uint32_t baud, Parity parity) {
    if (baud == 0) throw std::invalid_argument("a serial line needs a rate");
    find(machine_.impl_->chip.usarts, usart, "USART").hear(serial_frame(byte, parity), chip::time_of(1, baud));
}

void Lines::connect_spi(int number,
                        std::function<std::optional<std::uint16_t>(std::uint16_t value, unsigned bits)> device) {
    find(machine_.impl_->chip.spis, number, "SPI").device = std::move(device);
}

void Lines::connect_i2c(int number, std::shared_ptr<chip::I2cBus> bus) {
    for (chip::Peripheral* const block : machine_.impl_->chip.services.peripherals) {
        auto* const i2c = dynamic_cast<chip::I2c*>(block);
        if (i2c != nullptr && i2c->kind().number == number) return void(i2c->bus = std::move(bus));
    }
    throw std::invalid_argument(fmt::format("there is no I2C{}", number));
}

}  // namespace sim
