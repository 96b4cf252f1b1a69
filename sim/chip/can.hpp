// SPDX-License-Identifier: ISC
// bxCAN (RM0008 24) with nobody else on the bus: initialisation, sleep, three mailboxes, filters and two FIFOs in
// loopback mode. In normal mode a frame is never acknowledged, as on a bench with one node. Time-triggered
// communication is refused.
#pragma once

#include <array>
#include <optional>

#include "sim/chip/alternate_pins.hpp"
#include "sim/chip/peripheral.hpp"
#include "sim/chip/rcc.hpp"

namespace sim::chip {

inline constexpr std::size_t can_mailboxes = 3, can_fifo_depth = 3, can_filter_banks = 14;

/// TIxR, TDTxR, TDLxR, TDHxR; the same of a receive FIFO.
struct CanFrame {
    std::uint32_t identifier = 0, length = 0, low = 0, high = 0;
};

struct CanState {
    std::uint32_t mcr = 0x0001'0002, msr = 0x0000'0c02, tsr = 0x1c00'0000, ier = 0, esr = 0, btr = 0x0123'0000;
    std::array<CanFrame, can_mailboxes> mailbox{};
    std::array<std::uint32_t, can_mailboxes> requested_at{};  ///< Order of the requests.
    std::uint32_t requests = 0;
    int sending = -1;  ///< Mailbox whose frame is on the bus.
    struct Fifo {
        std::array<CanFrame, can_fifo_depth> frames{};
        std::uint32_t count = 0;
        bool full = false, overrun = false;
    };
    std::array<Fifo, 2> fifo{};
    std::uint32_t fmr = 0x2a1c'0e01, fm1r = 0, fs1r = 0, ffa1r = 0, fa1r = 0;
    std::array<std::uint32_t, 2 * can_filter_banks> filter{};
};

class Can : public Peripheral {
  public:
    Can(Services& services, const Rcc& rcc, AlternatePins pins);
    static constexpr RemapField remap{.at = 13, .width = 2};
    State<CanState> state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;

  private:
    struct Match {
        std::size_t fifo = 0;
        std::uint32_t index = 0;  ///< FMI
    };
    void write_control(std::uint32_t offset, std::uint32_t value, std::uint32_t mask);
    void write_mcr(std::uint32_t value);
    void write_tsr(std::uint32_t value);
    void write_fifo(CanState::Fifo& fifo, std::uint32_t value);
    void write_mailbox(std::size_t number, std::uint32_t item, std::uint32_t value, std::uint32_t mask);
    void write_filter(std::uint32_t offset, std::uint32_t value, std::uint32_t mask);
    std::uint32_t* filter_register(std::uint32_t offset);
    void leave_initialisation();
    bool loops_back() const;
    Time bit_time() const;
    Time frame_time(const CanFrame& frame) const;
    void send_next();
    void on_sent();
    void end_request(std::size_t number, std::uint32_t flags);
    void receive(const CanFrame& frame);
    std::optional<Match> match(std::uint32_t identifier) const;
    void update_lines();
    const Rcc& rcc_;
    const AlternatePins pins_;
    Alarm mode_changed_, sent_;
    InterruptLine tx_line_, rx0_line_, rx1_line_, status_line_;
};

}  // namespace sim::chip
