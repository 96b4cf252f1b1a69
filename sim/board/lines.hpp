// SPDX-License-Identifier: ISC
// What is wired to the chip's peripherals: voltages at analog inputs, serial lines, devices on SPI.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "sim/board/machine.hpp"
#include "sim/board/serial_frame.hpp"

namespace sim {

namespace chip {
class I2cBus;
}

class Lines {
  public:
    explicit Lines(Machine& machine) : machine_(machine) {}

    /// A voltage at a pin, 0 to 5 V, for analog and digital inputs alike: from half of the supply on it is high (DS5319
    /// table 35 promises less). nullopt takes the wire away.
    void set_voltage(Pin pin, std::optional<double> volts);

    /// How a byte is framed on a serial line.
    using Parity = sim::Parity;
    /// A byte of eight bits begins at a USART's RX pin (1 to 3) now; the frame takes 10 bits, 11 with parity.
    void begin_byte(int usart, std::uint8_t byte, std::uint32_t baud, Parity parity = Parity::none);

    /// What answers on SPI1 or SPI2: bits that come back while `value` goes out. From inside the run.
    void connect_spi(int number,
                     std::function<std::optional<std::uint16_t>(std::uint16_t value, unsigned bits)> device);

    /// What is on the bus of I2C1 or I2C2, with its pull-ups; nullptr: nothing, not even they.
    void connect_i2c(int number, std::shared_ptr<chip::I2cBus> bus);

  private:
    Machine& machine_;
};

}  // namespace sim
