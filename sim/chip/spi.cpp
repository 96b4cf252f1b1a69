// SPDX-License-Identifier: ISC
// Buffers, the shift register, and what NSS does. Sections are RM0008's.
#include "sim/chip/spi.hpp"

#include <fmt/format.h>

namespace sim::chip {

namespace {
enum Offset : std::uint32_t {
    cr1 = 0x00,
    cr2 = 0x04,
    sr = 0x08,
    dr = 0x0c,
    crcpr = 0x10,
    rxcrcr = 0x14,
    txcrcr = 0x18,
    i2scfgr = 0x1c,
    i2spr = 0x20
};
constexpr std::uint32_t mstr = bit(2), spe = bit(6), ssi = bit(8), ssm = bit(9), rxonly = bit(10), dff = bit(11),
                        crcen = bit(13), bidioe = bit(14), bidimode = bit(15);
constexpr std::uint32_t rxdmaen = bit(0), txdmaen = bit(1), ssoe = bit(2), errie = bit(5), rxneie = bit(6),
                        txeie = bit(7);

constexpr SpiKind kind1{.place = {.name = "SPI1", .base = 0x4001'3000, .gate = Gate::apb2, .gate_bit = 12},
                        .number = 1,
                        .interrupt = 35,
                        .dma_tx = 3,
                        .dma_rx = 2,
                        .remap = {.at = 0, .width = 1},
                        .nss = {{{'A', 4}, {'A', 15}}},
                        .sck = {{{'A', 5}, {'B', 3}}},
                        .miso = {{{'A', 6}, {'B', 4}}},
                        .mosi = {{{'A', 7}, {'B', 5}}}};
constexpr SpiKind kind2{.place = {.name = "SPI2", .base = 0x4000'3800, .gate = Gate::apb1, .gate_bit = 14},
                        .number = 2,
                        .interrupt = 36,
                        .dma_tx = 5,
                        .dma_rx = 4,
                        .nss = {{{'B', 12}}},
                        .sck = {{{'B', 13}}},
                        .miso = {{{'B', 14}}},
                        .mosi = {{{'B', 15}}}};
}  // namespace

const SpiKind& spi1() {
    return kind1;
}
const SpiKind& spi2() {
    return kind2;
}

Spi::Spi(Services& services, const Rcc& rcc, AlternatePins pins, const SpiKind& kind)
    : Peripheral(services, kind.place),
      state(services),
      rcc_(rcc),
      pins_(pins),
      kind_(kind),
      shifted_(services, [this] { on_shifted(); }),
      line_(services, kind.interrupt),
      tx_request_(services, kind.dma_tx),
      rx_request_(services, kind.dma_rx) {}

std::uint32_t Spi::read(std::uint32_t offset) {
    switch (offset) {
        case cr1:
            return state.cr1;
        case cr2:
            return state.cr2;
        case sr: {
            const std::uint32_t flags = (state.rxne ? bit(0) : 0) | (state.txe ? bit(1) : 0) |
                                        (state.mode_fault ? bit(5) : 0) | (state.overrun ? bit(6) : 0) |
                                        (state.busy ? bit(7) : 0);
            services_.side_effect = services_.side_effect || state.overrun || state.mode_fault;
            state.fault_sr_read = state.mode_fault;
            if (state.overrun && state.overrun_dr_read) state.overrun = state.overrun_dr_read = false;  // 25.3.10
            return flags;
        }
        case dr:
            services_.side_effect = true;
            state.rxne = false;
            state.overrun_dr_read = state.overrun;
            update_lines();
            return state.received;
        case crcpr:
            return state.crcpr;
        case rxcrcr:
        case txcrcr:
        case i2scfgr:
            return 0;
        case i2spr:
            return 2;
        default:
            return reserved(offset);
    }
}

void Spi::write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    services_.side_effect = true;
    switch (offset) {
        case cr1:
            return write_cr1(merge(state.cr1, value, mask) & 0xffff);
        case cr2:
            state.cr2 = check_reserved("SPI_CR2", merge(state.cr2, value, mask), 0xe7);
            look_at_nss();
            return update_lines();
        case sr:  // only CRCERR takes a zero, and nothing sets it here
            return;
        case dr:
            return write_dr(static_cast<std::uint16_t>(value));
        case crcpr:
            state.crcpr = merge(state.crcpr, value, mask) & 0xffff;
            return;
        case i2scfgr:
            if ((value & mask & bit(11)) != 0)
                services_.complain(fmt::format("{}_I2SCFGR: I2S is not modelled", place().name));
            return;
        case i2spr:
            return;
        default:
            reserved(offset);
    }
}

void Spi::write_cr1(std::uint32_t value) {
    const std::uint32_t old = state.cr1;
    constexpr std::uint32_t settled = mstr | dff | 0x38 | 3;  // 25.5.1: not while communication is ongoing, SPE for DFF
    if ((old & spe) != 0 && (value & spe) != 0 && ((old ^ value) & settled) != 0 && state.busy)
        services_.warn(fmt::format("{}_CR1: changed during a transfer (25.5.1)", place().name));
    if ((old & spe) != 0 && ((old ^ value) & dff) != 0)
        services_.warn(fmt::format("{}_CR1: DFF changed while SPE is set (25.5.1)", place().name));
    if ((old & spe) != 0 && (value & spe) == 0 && state.busy) {
        services_.warn(fmt::format("{}: switched off while BSY, what is under way is lost (25.3.8)", place().name));
        shifted_.cancel();
        state.busy = false;
        state.txe = true;
    }
    if (state.mode_fault && state.fault_sr_read) state.mode_fault = state.fault_sr_read = false;  // 25.3.10
    state.cr1 = value;
    refuse_modes();
    look_at_nss();
    if ((old & spe) == 0 && (state.cr1 & spe) != 0 && !state.txe && (state.cr1 & mstr) != 0) {
        state.txe = true;  // written before SPE: goes out now
        shift(state.waiting);
    }
    update_lines();
}

void Spi::refuse_modes() {
    const bool one_line_in = (state.cr1 & bidimode) != 0 && (state.cr1 & bidioe) == 0;
    const char* const mode = (state.cr1 & crcen) != 0 ? "CRC (CR1.CRCEN)"
                             : (state.cr1 & (mstr | spe)) == (mstr | spe) && ((state.cr1 & rxonly) != 0 || one_line_in)
                                 ? "a receive-only mode (CR1.RXONLY, BIDIMODE without BIDIOE)"
                                 : nullptr;
    if (mode != nullptr) services_.complain(fmt::format("{}: {} is not modelled", place().name, mode));
}

/// 25.3.10: a master whose NSS is low gives up. Without SSM the pin decides, unless SSOE makes it an output.
void Spi::look_at_nss() {
    if ((state.cr1 & mstr) == 0) return;
    const bool low = (state.cr1 & ssm) != 0    ? (state.cr1 & ssi) == 0
                     : (state.cr2 & ssoe) != 0 ? false
                                               : pins_.level(kind_.nss) == Level::low;
    if (!low || (state.cr1 & spe) == 0) return;
    services_.warn(fmt::format("{}: mode fault, NSS is low (25.3.10)", place().name));
    state.mode_fault = true;
    state.fault_sr_read = false;
    state.cr1 &= ~(mstr | spe);
    shifted_.cancel();
    state.busy = false;
    update_lines();
}

void Spi::on_pin(Pin changed, Level) {
    if (changed == pins_.pin(kind_.nss)) look_at_nss();
}

void Spi::write_dr(std::uint16_t value) {
    if (!state.txe) services_.warn(fmt::format("{}_DR: written while TXE is 0, data are lost (25.3.7)", place().name));
    const bool starts = (state.cr1 & (spe | mstr)) == (spe | mstr) && !state.busy;
    if (starts) {
        shift(value);
    } else {
        state.waiting = value;
        state.txe = false;
    }
    update_lines();
}

unsigned Spi::bits() const {
    return (state.cr1 & dff) != 0 ? 16 : 8;
}

void Spi::shift(std::uint16_t value) {
    constexpr std::uint32_t most_hz = 18'000'000;  // 25.1
    const std::uint32_t hz = rcc_.pclk_hz(place().gate) >> (field(state.cr1, 3, 3) + 1);
    if (hz > most_hz) services_.warn(fmt::format("{}: SCK at {} Hz, 18 MHz is the most (25.1)", place().name, hz));
    state.busy = true;
    state.shifting = bits() == 8 ? value & 0xff : value;
    shifted_.set(services_.now() + time_of(bits(), hz));
}

void Spi::on_shifted() {
    const std::uint16_t received = answer();
    const bool listens = (state.cr1 & bidimode) == 0;
    if (listens && state.rxne) {
        state.overrun = true;  // 25.3.10: what was received first stays
        state.overrun_dr_read = false;
    } else if (listens) {
        state.received = received;
        state.rxne = true;
    }
    state.busy = false;
    if (!state.txe) {
        state.txe = true;
        shift(state.waiting);
    }
    update_lines();
}

/// What a device sends back: it hears what SCK and MOSI carry, and is heard where MISO is an input.
std::uint16_t Spi::answer() const {
    const bool heard = pins_.is_output(kind_.sck) && pins_.is_output(kind_.mosi);
    if (!heard)
        services_.warn(
            fmt::format("{}: SCK or MOSI is not an alternate function, nothing leaves the chip (9.1.9)", place().name));
    std::optional<std::uint16_t> from_device;
    if (heard && device) from_device = device(state.shifting, bits());
    const auto all = static_cast<std::uint16_t>(bits() == 8 ? 0xff : 0xffff);
    if (from_device && pins_.is_input(kind_.miso)) return *from_device & all;
    return pins_.level(kind_.miso) == Level::high ? all : std::uint16_t{0};
}

void Spi::reset() {
    state = {};
    shifted_.cancel();
    update_lines();
}

void Spi::update_lines() {
    line_.set((state.txe && (state.cr2 & txeie) != 0) || (state.rxne && (state.cr2 & rxneie) != 0) ||
              ((state.overrun || state.mode_fault) && (state.cr2 & errie) != 0));
    tx_request_.set(state.txe && (state.cr2 & txdmaen) != 0 && (state.cr1 & spe) != 0);
    rx_request_.set(state.rxne && (state.cr2 & rxdmaen) != 0);
}

}  // namespace sim::chip
