// SPDX-License-Identifier: ISC
// USART1 to USART3 in asynchronous mode (RM0008 27): transmitter and receiver at their rates, parity, framing and
// overrun errors, idle line, DMA. A byte leaves through a pin that is an alternate function, and comes in through one
// that is an input. LIN, IrDA, smartcard, synchronous and half-duplex modes and flow control are refused.
#pragma once

#include "sim/chip/alternate_pins.hpp"
#include "sim/chip/peripheral.hpp"
#include "sim/chip/rcc.hpp"

namespace sim::chip {

/// What tells the USARTs apart.
struct UsartKind {
    Place place;
    int number = 1;
    unsigned interrupt = 0;
    unsigned dma_tx = 0, dma_rx = 0;  ///< Channels of DMA1 (RM0008 table 78).
    RemapField remap{};
    SignalPins tx{}, rx{};
};
const UsartKind& usart1();
const UsartKind& usart2();
const UsartKind& usart3();

struct UsartState {
    std::uint32_t brr = 0, cr1 = 0, cr2 = 0, cr3 = 0, gtpr = 0;
    bool txe = true, tc = true;
    bool shifting = false;
    std::uint16_t waiting = 0;
    std::uint32_t errors = 0;  ///< SR bits 0 to 5: PE, FE, NE, ORE, IDLE, RXNE.
    bool sr_read = false;      ///< A read of DR now clears the errors.
    std::uint16_t received = 0;
    std::uint32_t line = 0xffff'ffff;  ///< Of the frame that comes in: its bits, the start bit lowest.
    Time line_bit{};                   ///< How long the sender makes a bit.
    bool receiving = false;
};

class Usart : public Peripheral {
  public:
    Usart(Services& services, const Rcc& rcc, AlternatePins pins, const UsartKind& kind);
    State<UsartState> state;
    std::function<void(int, std::uint8_t)> sent;
    /// A frame begins at the RX pin: its bits from the start bit on, idle (1) after its end, each this long.
    void hear(std::uint32_t bits, Time bit_time);
    const UsartKind& kind() const { return kind_; }
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;

  private:
    void write_dr(std::uint32_t value);
    void refuse_modes();
    void shift(std::uint16_t data);
    void on_frame_sent();
    void on_frame_received();
    void on_idle();
    Time bit_time() const;
    unsigned data_bits() const;  ///< Parity included.
    void update_line();
    const Rcc& rcc_;
    const AlternatePins pins_;
    const UsartKind& kind_;
    Alarm frame_sent_, frame_received_, idle_;
    InterruptLine line_;
    DmaRequest tx_request_, rx_request_;
};

}  // namespace sim::chip
