// SPDX-License-Identifier: ISC
// I2C1 and I2C2 as masters with 7-bit addresses (RM0008 26): START, address, data both ways with ACK and NACK, BTF and
// clock stretching, STOP, interrupts. A bus without pull-ups is low and therefore busy. DMA, SMBus, PEC and 10-bit
// addresses are refused; as a slave nobody addresses the chip.
#pragma once

#include <memory>

#include "sim/chip/alternate_pins.hpp"
#include "sim/chip/peripheral.hpp"
#include "sim/chip/rcc.hpp"

namespace sim::chip {

/// What tells I2C1 and I2C2 apart.
struct I2cKind {
    Place place;
    int number = 1;
    unsigned event_interrupt = 0, error_interrupt = 0;
    RemapField remap{};
    SignalPins scl{}, sda{};
};
const I2cKind& i2c1();
const I2cKind& i2c2();

/// Everything on the bus but the chip, pull-ups included.
class I2cBus {
  public:
    virtual ~I2cBus() = default;
    /// START and an address byte (bit 0: read). True: somebody acknowledges.
    virtual bool address(std::uint8_t byte, Time now) = 0;
    virtual bool write(std::uint8_t byte) = 0;
    virtual std::uint8_t read() = 0;
    virtual void stop(Time now) = 0;
};

struct I2cState {
    std::uint32_t cr1 = 0, cr2 = 0, oar1 = 0, oar2 = 0, ccr = 0, trise = 2;
    std::uint32_t sr1 = 0;
    bool master = false, busy = false, transmitter = false;
    bool sr1_read = false;  ///< First half of the sequences that clear SB, ADDR.
    enum class Phase : std::uint8_t { idle, start, address, ready, sending, receiving, stop } phase = Phase::idle;
    std::uint8_t dr = 0, shift = 0;
    bool dr_full = false;     ///< Of the transmitter: a byte waits.
    bool shift_full = false;  ///< Of the receiver: a byte waits for DR to be read.
    bool nack_sent = false;
    bool ack_of_this_byte = false;  ///< CR1.ACK as it was for the byte before, with POS.
};

class I2c : public Peripheral {
  public:
    I2c(Services& services, const Rcc& rcc, AlternatePins pins, const I2cKind& kind);
    State<I2cState> state;
    std::shared_ptr<I2cBus> bus;  ///< None: no pull-ups.
    const I2cKind& kind() const { return kind_; }
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;

  private:
    using Phase = I2cState::Phase;
    void write_cr1(std::uint32_t value);
    void write_dr(std::uint8_t value);
    std::uint8_t read_dr();
    void look();
    void go(Phase phase, std::int64_t bits);
    void on_done();
    void on_address();
    void on_received();
    Time bit_time() const;
    bool wired() const;
    void update_lines();
    const Rcc& rcc_;
    const AlternatePins pins_;
    const I2cKind& kind_;
    Alarm done_;
    InterruptLine event_line_, error_line_;
};

}  // namespace sim::chip
