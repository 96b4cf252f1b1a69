// SPDX-License-Identifier: ISC
// As the data sheets of the 24C02 have it: byte and page write, current and random read, acknowledge polling.
#include "sim/board/eeprom.hpp"

namespace sim {

namespace {
constexpr Time write_time{5'000'000'000};
constexpr std::uint8_t page_bytes = 8;
}  // namespace

bool Eeprom::address(std::uint8_t byte, Time now) {
    if (byte >> 1 != address_ || now < busy_until_) return false;
    address_follows_ = (byte & 1) == 0;
    return true;
}

bool Eeprom::write(std::uint8_t byte) {
    if (address_follows_) {
        at_ = byte;
        address_follows_ = false;
        return true;
    }
    content.at(at_) = byte;
    wrote_ = true;
    // Within a page the address wraps.
    at_ = static_cast<std::uint8_t>((at_ & ~(page_bytes - 1)) | ((at_ + 1) & (page_bytes - 1)));
    return true;
}

std::uint8_t Eeprom::read() {
    return content.at(at_++);
}

void Eeprom::stop(Time now) {
    if (wrote_) busy_until_ = now + write_time;
    wrote_ = address_follows_ = false;
}

}  // namespace sim
