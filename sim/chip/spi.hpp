// SPDX-License-Identifier: ISC
// SPI1 and SPI2 as masters (RM0008 25): 8 and 16 bits, NSS by software and by hardware with mode fault, overrun,
// interrupts, DMA, transmission over one line. A slave waits for a master that no board has. CRC, receive-only modes
// and I2S are refused.
#pragma once

#include "sim/chip/alternate_pins.hpp"
#include "sim/chip/peripheral.hpp"
#include "sim/chip/rcc.hpp"

namespace sim::chip {

/// What tells SPI1 and SPI2 apart.
struct SpiKind {
    Place place;
    int number = 1;
    unsigned interrupt = 0;
    unsigned dma_tx = 0, dma_rx = 0;  ///< Channels of DMA1 (RM0008 table 78).
    RemapField remap{};
    SignalPins nss{}, sck{}, miso{}, mosi{};
};
const SpiKind& spi1();
const SpiKind& spi2();

struct SpiState {
    std::uint32_t cr1 = 0, cr2 = 0, crcpr = 7;
    bool txe = true, rxne = false, busy = false, overrun = false, mode_fault = false;
    bool overrun_dr_read = false;  ///< First half of OVR's clearing sequence.
    bool fault_sr_read = false;    ///< First half of MODF's.
    std::uint16_t waiting = 0, shifting = 0, received = 0;
};

/// A device on the bus: the bits that come back while these go out.
using SpiDevice = std::function<std::optional<std::uint16_t>(std::uint16_t value, unsigned bits)>;

class Spi : public Peripheral {
  public:
    Spi(Services& services, const Rcc& rcc, AlternatePins pins, const SpiKind& kind);
    State<SpiState> state;
    /// Empty: nobody drives MISO.
    SpiDevice device;
    const SpiKind& kind() const { return kind_; }
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void on_pin(Pin pin, Level level) override;

  private:
    void write_cr1(std::uint32_t value);
    void write_dr(std::uint16_t value);
    void refuse_modes();
    void look_at_nss();
    void shift(std::uint16_t value);
    void on_shifted();
    std::uint16_t answer() const;
    unsigned bits() const;
    void update_lines();
    const Rcc& rcc_;
    const AlternatePins pins_;
    const SpiKind& kind_;
    Alarm shifted_;
    InterruptLine line_;
    DmaRequest tx_request_, rx_request_;
};

}  // namespace sim::chip
