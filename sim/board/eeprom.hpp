// SPDX-License-Identifier: ISC
// A 24C02 on an I2C bus with pull-ups: 256 bytes, pages of eight, and 5 ms of deafness while it writes. With another
// address it is a bus on which nobody answers.
#pragma once

#include <array>

#include "sim/chip/i2c.hpp"

namespace sim {

class Eeprom : public chip::I2cBus {
  public:
    /// `address` of seven bits; a 24C02 has 0x50 to 0x57.
    explicit Eeprom(std::uint8_t address) : address_(address) { content.fill(0xff); }
    std::array<std::uint8_t, 256> content{};

    bool address(std::uint8_t byte, Time now) override;
    bool write(std::uint8_t byte) override;
    std::uint8_t read() override;
    void stop(Time now) override;

  private:
    std::uint8_t address_;
    std::uint8_t at_ = 0;
    bool address_follows_ = false, wrote_ = false;
    Time busy_until_{};
};

}  // namespace sim
