// SPDX-License-Identifier: ISC
// Memory is reached as it is; everything else by the same bus as the program's accesses, complaints turned into errors.
#include "sim/chip/access_port.hpp"

#include <utility>

namespace sim::chip {

bool AccessPort::in_flash(std::uint32_t address) const {
    const std::size_t size = chip_.flash.array.size();
    return address - flash_base < size || address < size;
}

/// The program must not notice: a bus error or a complaint is the probe's alone.
template <class Access>
bool AccessPort::as_probe(const Access& access) {
    Services& services = chip_.services;
    const Fault fault = std::exchange(services.fault, Fault::none);
    services.probing = true;
    services.probe_failed = false;
    access();
    services.probing = false;
    return std::exchange(services.fault, fault) == Fault::none && !services.probe_failed;
}

bool AccessPort::read(std::uint32_t address, unsigned size, std::uint32_t& value) {
    if (in_flash(address) && chip_.flash.read_protected()) return false;  // PM0075 2.4.1
    if (const std::uint8_t* const at = core_.memory(address, size); at != nullptr) {
        value = 0;
        for (unsigned lane = 0; lane < size; ++lane)
            value |= std::uint32_t{at[lane]} << (8 * lane);
        return true;
    }
    return as_probe([&] { value = chip_.read(address, size); });
}

bool AccessPort::write(std::uint32_t address, unsigned size, std::uint32_t value) {
    if (address - ram_base < chip_.ram.size()) {
        if (address - ram_base + size > chip_.ram.size()) return false;
        for (unsigned lane = 0; lane < size; ++lane)
            chip_.ram[address - ram_base + lane] = static_cast<std::uint8_t>(value >> (8 * lane));
        core_.forget_code(address, size);
        return true;
    }
    const bool in_options = address - option_base < 16;
    const bool in_array = address - flash_base < chip_.flash.array.size();
    if (in_array || in_options) return as_probe([&] { chip_.flash.store(address, size, value); });
    if (core_.memory(address, size) != nullptr) return false;  // the alias at 0, system memory
    return as_probe([&] { chip_.write(address, size, value); });
}

}  // namespace sim::chip
