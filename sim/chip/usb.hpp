// SPDX-License-Identifier: ISC
// The USB full-speed device: endpoint registers, packet memory, and its answers to a host (RM0008 23).
#pragma once

#include <optional>

#include "sim/chip/peripheral.hpp"
#include "sim/chip/rcc.hpp"
#include "sim/usb/port.hpp"

namespace sim::chip {

inline constexpr std::uint32_t packet_memory_bytes = 512;

struct UsbState {
    std::array<std::uint16_t, 8> ep{};
    std::uint16_t cntr = 0x0003, istr = 0, daddr = 0, btable = 0, fnr = 0;
    std::array<std::uint8_t, packet_memory_bytes> memory{};
    Time analog_ready_at = never;  ///< 1 us after PDWN was cleared (datasheet, tSTARTUP).
    bool bus_in_reset = false;
    std::uint8_t quiet_frames = 0;  ///< ESOFs since the last traffic; the third means suspend.
    /// Double-buffered endpoints whose first transaction is over: DTOG and SW_BUF rule from then.
    std::array<bool, 8> flow_controlled{};
    std::uint64_t transactions = 0;
    /// What the token found (23.4.2): register, buffer and room are taken over then, whatever software writes later.
    struct Latched {
        int index = -1;        ///< Of the register that answers; -1: none does.
        std::uint16_t ep = 0;  ///< That register.
        std::uint16_t buffer = 0, count = 0;
        bool conflict = false;  ///< Double-buffered: software still holds the buffer (23.4.3).
    };
    Latched latched;
    /// What happens when the handshake has passed.
    enum class Completion : std::uint8_t { nothing, setup, rx, tx };
    Completion completion = Completion::nothing;
    bool transaction_open = false;
    bool on_wire = false;  ///< The pull-up as last seen.
    Time left_wire_at{-1'000'000'000};
    std::uint64_t disconnections = 0;
};

class Usb : public Peripheral, public UsbPort {
  public:
    Usb(Services& services, Rcc& rcc);
    State<UsbState> state;
    std::function<bool()> pulled_up;  ///< DP as the board and PA12 leave it.
    std::function<void()> transceiver_changed;
    std::function<void()> wakeup;  ///< EXTI line 18.

    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    /// The block has its 48 MHz. Registers and packet memory are taken for dead without: no manual promises more.
    bool clocked(const char* what);
    /// The transceiver has power and clock: PA11 and PA12 are its pins.
    bool transceiver_on() const { return (state.cntr & 2) == 0 && gate_open(); }

    /// Whoever may move the pull-up calls this after it: the length of an absence counts.
    void look_at_pull_up();
    bool attached() const override;
    std::uint64_t disconnections() const override { return state.disconnections; }
    void begin_reset() override;
    void end_reset() override;
    void sof(std::uint16_t frame) override;
    void begin_resume() override;
    void end_resume() override;
    bool drives_resume() const override { return (state.cntr & bit(4)) != 0 && (state.cntr & 2) == 0; }
    void begin_transaction(Token token, std::uint8_t address, std::uint8_t endpoint) override;
    void end_transaction() override;
    Handshake setup(std::uint8_t address, std::uint8_t endpoint, std::span<const std::uint8_t> bytes,
                    bool data1) override;
    Handshake out(std::uint8_t address, std::uint8_t endpoint, bool data1,
                  std::span<const std::uint8_t> bytes) override;
    InAnswer in(std::uint8_t address, std::uint8_t endpoint, bool host_acknowledges) override;

  private:
    using Latched = UsbState::Latched;
    using Completion = UsbState::Completion;
    /// What a token finds now.
    Latched latch_endpoint(Token token, std::uint8_t address, std::uint8_t endpoint) const;
    /// What the transaction under way goes by.
    Latched take_latched();
    void complete(Completion completion, std::size_t index);
    bool alive();
    bool hears();
    void activity();
    void raise(std::uint16_t flags);
    bool gate_open() const { return rcc_.enabled(place().gate, place().gate_bit); }
    void bus_reset_seen();
    void on_idle();
    void reset_protocol();
    void write_endpoint(std::size_t index, std::uint16_t value);
    void write_cntr(std::uint16_t value);
    std::uint16_t word(std::uint32_t at) const;
    void put_word(std::uint32_t at, std::uint16_t value);
    std::uint32_t descriptor(std::size_t index, unsigned item) const;
    /// Copies a packet to its buffer and notes its length. False: it does not fit.
    bool receive(const Latched& latched, std::span<const std::uint8_t> bytes);
    /// The packet that waits in the buffer; nullopt when it reaches beyond the packet memory.
    std::optional<std::vector<std::uint8_t>> packet(const Latched& latched);
    void await_frame();
    std::uint16_t istr_now() const;
    void update_line();
    Rcc& rcc_;
    Alarm reset_seen_, idle_;
    InterruptLine high_priority_, low_priority_;
};

/// Packet memory as the core sees it: 16 bits at each multiple of four (23.3).
class PacketMemory : public Peripheral {
  public:
    PacketMemory(Services& services, Usb& usb)
        : Peripheral(services, {.name = "USB packet memory",
                                .base = 0x4000'6000,
                                .gate = Gate::apb1,
                                .gate_bit = 23,
                                .reset_bit = false}),
          usb_(usb) {}
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override {}

  private:
    Usb& usb_;
};

}  // namespace sim::chip
