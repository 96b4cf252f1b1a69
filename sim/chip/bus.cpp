// SPDX-License-Identifier: ISC
// Address decoding (RM0008 table 3), access widths, clock gates, bit-banding (RM0008 3.3.2).
//
// A register of a peripheral without clock reads as zero and ignores writes (7.3.8). On APB a narrow write reaches the
// whole register, its bytes repeated: the bridge does that (2.1); a width that the manual does not list is a warning.
// On AHB each byte has its lane.
#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "sim/chip/chip.hpp"

namespace sim::chip {

namespace {

constexpr std::uint32_t ram_bit_band = 0x2200'0000, peripheral_bit_band = 0x4200'0000, bit_band_bytes = 0x0200'0000;

const char* size_name(unsigned size) {
    return size == 1 ? "byte" : size == 2 ? "half-word" : "word";
}

/// Peripherals that exist and are not modelled: harmless as long as they have no clock.
struct Absent {
    std::uint32_t base;
    const char* name;
    Gate gate;
    unsigned gate_bit;
    const char* registers = "";  ///< Names by offset, a word each.
};
constexpr const char* timer_registers =
    "CR1 CR2 SMCR DIER SR EGR CCMR1 CCMR2 CCER CNT PSC ARR RCR CCR1 CCR2 CCR3 CCR4 BDTR DCR DMAR";
constexpr const char* spi_registers = "CR1 CR2 SR DR CRCPR RXCRCR TXCRCR I2SCFGR I2SPR";
constexpr const char* adc_registers =
    "SR CR1 CR2 SMPR1 SMPR2 JOFR1 JOFR2 JOFR3 JOFR4 HTR LTR SQR1 SQR2 SQR3 JSQR JDR1 JDR2 JDR3 JDR4 DR";
constexpr const char* usart_registers = "SR DR BRR CR1 CR2 CR3 GTPR";
constexpr std::array absent{Absent{0x4000'0c00, "TIM5", Gate::apb1, 3, timer_registers},
                            Absent{0x4000'1000, "TIM6", Gate::apb1, 4, timer_registers},
                            Absent{0x4000'1400, "TIM7", Gate::apb1, 5, timer_registers},
                            Absent{0x4000'3c00, "SPI3", Gate::apb1, 15, spi_registers},
                            Absent{0x4000'4c00, "UART4", Gate::apb1, 19, usart_registers},
                            Absent{0x4000'5000, "UART5", Gate::apb1, 20, usart_registers},
                            Absent{0x4000'7400, "DAC", Gate::apb1, 29},
                            Absent{0x4001'3400, "TIM8", Gate::apb2, 13, timer_registers},
                            Absent{0x4001'3c00, "ADC3", Gate::apb2, 15, adc_registers},
                            Absent{0x4001'8000, "SDIO", Gate::ahb, 10},
                            Absent{0x4002'0400, "DMA2", Gate::ahb, 1}};

/// "ADC1_CR2", or "DAC at offset 0x08" where the register has no name here.
std::string register_name(const Absent& peripheral, std::uint32_t offset) {
    std::istringstream names(peripheral.registers);
    std::string name;
    for (std::uint32_t at = 0; names >> name; at += 4) {
        if (at == (offset & ~3u) && name != "-") return fmt::format("{}_{}", peripheral.name, name);
    }
    return fmt::format("{} at offset 0x{:02x}", peripheral.name, offset);
}
constexpr std::uint32_t ahb_base = 0x4001'8000;

std::uint32_t repeated(std::uint32_t value, unsigned size) {
    return size == 1 ? (value & 0xff) * 0x0101'0101 : (value & 0xffff) * 0x0001'0001;
}

}  // namespace

void Chip::list_addresses() {
    for (Peripheral* const peripheral : services.peripherals) {
        const Place& place = peripheral->place();
        if (place.base - peripheral_base >= peripheral_bytes) continue;
        for (std::uint32_t at = 0; at < place.bytes; at += 0x400)
            by_address_.at((place.base - peripheral_base + at) / 0x400) = peripheral;
    }
}

Peripheral* Chip::find(std::uint32_t address, unsigned size, const char* verb) {
    const auto refuse = [&](const std::string& why) -> Peripheral* {
        services.complain(fmt::format("{} of a {} at 0x{:08x}: {}", verb, size_name(size), address, why));
        return nullptr;
    };
    const auto warn = [&](const std::string& why) {
        services.warn(fmt::format("{} of a {} at 0x{:08x}: {}", verb, size_name(size), address, why));
    };
    Peripheral* found = nullptr;
    if (address - peripheral_base < peripheral_bytes) {
        found = by_address_[(address - peripheral_base) / 0x400];
    } else {
        const auto at = std::ranges::find_if(services.peripherals, [address](const Peripheral* candidate) {
            return address - candidate->place().base < candidate->place().bytes;
        });
        if (at != services.peripherals.end()) found = *at;
    }
    if (found == nullptr) {
        const auto* const known = std::find_if(absent.begin(), absent.end(), [address](const Absent& candidate) {
            return address - candidate.base < 0x400;
        });
        if (known == absent.end()) return refuse("no peripheral is modelled there");
        if (rcc.enabled(known->gate, known->gate_bit))
            return refuse(fmt::format("{} is not modelled", register_name(*known, address - known->base)));
        warn(fmt::format("the clock of {} is off in RCC", known->name));
        return nullptr;
    }
    const Place& place = found->place();
    const bool is_write = verb[0] == 'w';
    if (!rcc.enabled(place.gate, place.gate_bit)) {
        warn(fmt::format("the clock of {} is off in RCC", place.name));
        if (is_write || !place.reads_without_clock) return nullptr;
    }
    if (place.reset_bit && rcc.held_in_reset(place.gate, place.gate_bit)) {
        warn(fmt::format("RCC holds {} in reset", place.name));
        if (is_write) return nullptr;
    }
    if ((address & (size - 1)) != 0) return refuse("not aligned");
    if ((place.widths & size) == 0) warn(fmt::format("{} does not take this width by the manual", place.name));
    return found;
}

std::uint32_t Chip::read(std::uint32_t address, unsigned size) {
    if (address - ram_bit_band < bit_band_bytes || address - peripheral_bit_band < bit_band_bytes) {
        return access_bit_band(address, false, 0);
    }
    Peripheral* const block = find(address, size, "read");
    if (block == nullptr) return 0;
    const std::uint32_t whole = block->read((address - block->place().base) & ~3u);
    const std::uint32_t shifted = whole >> (8 * (address & 3));
    return size == 4 ? shifted : shifted & ((1u << (8 * size)) - 1);
}

void Chip::write(std::uint32_t address, unsigned size, std::uint32_t value) {
    if (address - ram_bit_band < bit_band_bytes || address - peripheral_bit_band < bit_band_bytes) {
        access_bit_band(address, true, value);
        return;
    }
    Peripheral* const block = find(address, size, "write");
    if (block == nullptr) return;
    const bool apb = address < ahb_base;
    if (apb && size != 4) {
        const std::uint32_t wide = (block->place().widths & 2) != 0 ? 0xffff : 0xffff'ffff;
        block->write((address - block->place().base) & ~3u, repeated(value, size) & wide, wide);
        return;
    }
    const unsigned shift = 8 * (address & 3);
    const std::uint32_t mask = size == 4 ? 0xffff'ffff : ((1u << (8 * size)) - 1) << shift;
    block->write((address - block->place().base) & ~3u, value << shift, mask);
}

/// What the DMA reaches (2.1): the flash array, RAM and the peripherals, not the core's own registers.
DmaBus Chip::dma_bus() {
    const auto in_memory = [](std::span<std::uint8_t> bytes, std::uint32_t base, std::uint32_t address, unsigned size) {
        return address - base < bytes.size() && address - base + size <= bytes.size() ? &bytes[address - base]
                                                                                      : nullptr;
    };
    const auto is_peripheral = [](std::uint32_t address) { return address - peripheral_base < peripheral_bytes; };
    // The bridge makes of a byte what the register takes, its bytes repeated (13.3.4).
    const auto width = [this](std::uint32_t address, unsigned size) {
        const Peripheral* const block = by_address_.at((address - peripheral_base) / 0x400);
        const bool fits = block == nullptr || address >= ahb_base || (block->place().widths & size) != 0;
        return fits ? size : (block->place().widths & 2) != 0 ? 2U : 4U;
    };
    const auto through = [this](const auto& access) {
        const Fault before = std::exchange(services.fault, Fault::none);
        access();
        return std::exchange(services.fault, before) == Fault::none;
    };
    return {.read =
                [=, this](std::uint32_t address, unsigned size, std::uint32_t& value) {
                    const std::uint8_t* at = in_memory(ram, ram_base, address, size);
                    if (at == nullptr) at = in_memory(flash.array, flash_base, address, size);
                    if (at == nullptr && !is_peripheral(address)) return false;
                    if (at == nullptr)
                        return through(
                            [&] { value = read(address, width(address, size)) & (0xffff'ffffU >> (32 - 8 * size)); });
                    value = 0;
                    for (unsigned lane = 0; lane < size; ++lane)
                        value |= std::uint32_t{at[lane]} << (8 * lane);
                    return true;
                },
            .write =
                [=, this](std::uint32_t address, unsigned size, std::uint32_t value) {
                    std::uint8_t* const at = in_memory(ram, ram_base, address, size);
                    if (at == nullptr)
                        return is_peripheral(address) && through([&] {
                                   const unsigned wide = width(address, size);
                                   write(address, wide, wide == size ? value : repeated(value, size));
                               });
                    for (unsigned lane = 0; lane < size; ++lane)
                        at[lane] = static_cast<std::uint8_t>(value >> (8 * lane));
                    if (flash_changed) flash_changed(address, size);
                    return true;
                }};
}

std::uint32_t Chip::access_bit_band(std::uint32_t alias, bool is_write, std::uint32_t value) {
    const bool in_ram = alias < peripheral_bit_band;
    const std::uint32_t offset = alias - (in_ram ? ram_bit_band : peripheral_bit_band);
    const unsigned number = (offset / 4) % 32;
    const std::uint32_t at = offset / 128 * 4;
    if (in_ram) {
        services.side_effect = true;
        if (at >= ram.size()) {
            services.bus_error(alias);
            return 0;
        }
        std::uint8_t& byte = ram[at + number / 8];
        const auto mask = static_cast<std::uint8_t>(1u << (number % 8));
        if (is_write) byte = static_cast<std::uint8_t>((value & 1) != 0 ? byte | mask : byte & ~mask);
        return (byte & mask) != 0 ? 1 : 0;
    }
    const std::uint32_t old = read(peripheral_base + at, 4);
    if (is_write) write(peripheral_base + at, 4, (value & 1) != 0 ? old | bit(number) : old & ~bit(number));
    return (old >> number) & 1;
}

}  // namespace sim::chip
