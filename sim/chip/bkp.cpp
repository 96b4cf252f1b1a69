// SPDX-License-Identifier: ISC
// Which register an offset means, and who may write it (RM0008 5.1.2, 6.4).
#include "sim/chip/bkp.hpp"

namespace sim::chip {

Bkp::Bkp(Services& services, const Pwr& pwr, const Rcc& rcc, bool high_density)
    : Peripheral(services, {.name = "BKP",
                            .base = 0x4000'6c00,
                            .gate = Gate::apb1,
                            .gate_bit = 27,
                            .reset_bit = false,
                            .reads_without_clock = true}),
      state(services),
      pwr_(pwr),
      rcc_(rcc),
      count_(high_density ? 42 : 10) {}

std::uint16_t* Bkp::at(std::uint32_t offset) {
    if (offset >= 0x04 && offset <= 0x28) return &state.dr[offset / 4 - 1];
    if (offset >= 0x40 && offset <= 0xbc && count_ > 10) return &state.dr[(offset - 0x40) / 4 + 10];
    switch (offset) {
        case 0x2c:
            return &state.rtccr;
        case 0x30:
            return &state.cr;
        case 0x34:
            return &state.csr;
        default:
            return nullptr;
    }
}

std::uint32_t Bkp::read(std::uint32_t offset) {
    const std::uint16_t* const where = at(offset);
    return where != nullptr ? *where : reserved(offset);
}

void Bkp::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    std::uint16_t* const where = at(offset);
    if (where == nullptr) {
        reserved(offset);
        return;
    }
    const bool writable = pwr_.backup_writable() && rcc_.enabled(Gate::apb1, 28);
    if (writable) *where = static_cast<std::uint16_t>(merge(*where, value, mask));  // 5.4.1: else ignored
}

}  // namespace sim::chip
