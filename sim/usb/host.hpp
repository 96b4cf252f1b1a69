// SPDX-License-Identifier: ISC
// A full-speed host controller, its root port and the part of an operating system that moves control transfers.
//
// It drives the device's world forward in virtual time: every method returns at the virtual instant at which the thing
// is done. It knows nothing of what is behind the port, and with the raw transactions it can also misbehave.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "flasher/transport.hpp"
#include "sim/time.hpp"
#include "sim/usb/bus_timing.hpp"
#include "sim/usb/port.hpp"
#include "sim/usb/transfer.hpp"

namespace sim {

/// USB 2.0 section 11.5.1, the states that matter to a host with one port.
enum class PortState : std::uint8_t {
    disconnected,
    disabled,  ///< Something is attached; no reset yet.
    enabled,
    suspended,
};

/// One direction of an endpoint as the host remembers it (USB 2.0 section 5.3.2).
struct Pipe {
    std::uint8_t endpoint = 0;  ///< bEndpointAddress, with bit 7 for IN.
    std::uint16_t max_packet_size = 64;
    bool data1 = false;  ///< The toggle that comes next. CLEAR_FEATURE(ENDPOINT_HALT) clears it.
};

/// Counts since the host was built.
struct HostCounters {
    std::uint64_t frames = 0;
    std::uint64_t transactions = 0;
    std::uint64_t naks = 0;
    std::uint64_t transfers = 0;
};

class UsbHost {
  public:
    /// Both outlive the host.
    UsbHost(UsbPort& port, BusClock& clock, HostTiming timing = {});
    UsbHost(const UsbHost&) = delete;
    UsbHost& operator=(const UsbHost&) = delete;

    [[nodiscard]] Time now() const;
    /// Lets time pass on an otherwise idle bus: SOFs, and a look at the port now and then.
    void advance_to(Time when);
    void advance(Time span) { advance_to(now() + span); }

    [[nodiscard]] PortState port_state() const { return state_.port; }
    /// Waits, at most `limit`, until a connection has lasted for the debounce time. Says whether
    /// one has.
    bool wait_for_attach(Time limit);
    /// Waits, at most `limit`, until the port is no longer enabled. Says whether it came to that.
    bool wait_for_detach(Time limit);
    /// Resets the port and enables it. False when nothing is attached afterwards. The device's
    /// address is 0 then.
    bool reset_port() { return reset_port(timing_.reset); }
    bool reset_port(Time duration);
    /// Stops the SOFs; the device sees it after 3 ms. Has no effect on a port that is not enabled.
    void suspend();
    /// Drives the resume signal, then SOFs again.
    void resume();
    /// The device asked for a resume since suspend().
    [[nodiscard]] bool remote_wakeup_seen() const { return state_.wakeup_seen; }

    /// The device that control transfers go to. `max_packet_size` is that of endpoint 0: 8, 16, 32 or 64.
    void talk_to(std::uint8_t address, std::uint8_t max_packet_size);
    [[nodiscard]] std::uint8_t address() const { return state_.address; }
    [[nodiscard]] std::uint8_t max_packet_size() const { return state_.max_packet_size; }

    /// A control transfer with a data stage to the host, or none (USB 2.0 section 8.5.3).
    TransferResult control_in(const flasher::SetupPacket& setup, std::span<std::uint8_t> data);
    /// A control transfer with a data stage to the device, or none.
    TransferResult control_out(const flasher::SetupPacket& setup, std::span<const std::uint8_t> data);

    /// A bulk transfer to the device in packets of the pipe's size (5.8). A last packet that is
    /// full ends it too; `zero_length_end` sends an empty one after it.
    TransferResult bulk_out(Pipe& pipe, std::span<const std::uint8_t> data, bool zero_length_end = false);
    /// A bulk transfer from the device: until `data` is full or a short packet comes.
    TransferResult bulk_in(Pipe& pipe, std::span<std::uint8_t> data);
    /// One packet from an interrupt endpoint, asked for once in `interval` frames (5.7).
    TransferResult interrupt_in(Pipe& pipe, std::span<std::uint8_t> data, unsigned interval = 1);

    // One transaction each, as soon as the frame has room for it: no retry, no toggle, no rule. For transfers, and for
    // hosts that misbehave.
    Handshake raw_setup(std::uint8_t address, std::uint8_t endpoint, std::span<const std::uint8_t> bytes,
                        bool data1 = false);
    Handshake raw_out(std::uint8_t address, std::uint8_t endpoint, bool data1, std::span<const std::uint8_t> bytes);
    InAnswer raw_in(std::uint8_t address, std::uint8_t endpoint, bool acknowledge = true);
    /// Waits for the start of the next frame.
    void next_frame();

    [[nodiscard]] const HostCounters& counters() const { return counters_; }
    [[nodiscard]] const HostTiming& timing() const { return timing_; }
    void set_timing(const HostTiming& timing) { timing_ = timing; }

    /// Everything that decides how the host goes on; belongs to a machine's snapshot.
    struct State {
        PortState port = PortState::disconnected;
        bool in_reset = false;
        bool wakeup_seen = false;
        std::uint8_t address = 0;
        std::uint8_t max_packet_size = 64;
        std::uint16_t frame = 0;
        Time frame_start{};  ///< Of the running frame.
        Time bus_free{};     ///< No packet is on the wire from then on.
        Time attached_since{};
        std::uint64_t disconnections = 0;  ///< Of the port, those already noticed.
    };
    [[nodiscard]] const State& state() const { return state_; }
    void set_state(const State& state) { state_ = state; }

  private:
    void run_to(Time when);
    void sense();
    void pass_frame();
    [[nodiscard]] Time next_sof() const;
    void reserve(std::int64_t bits);
    Handshake packet_to_device(Token token, std::uint8_t address, std::uint8_t endpoint,
                               std::span<const std::uint8_t> bytes, const std::function<Handshake()>& data);
    void end_transaction(std::int64_t bits, std::int64_t gap_bits);
    /// Submits a transfer and steps it until it is over; what came from the device goes to `room`.
    TransferResult run(Transfer& transfer, bool& data1, std::span<std::uint8_t> room = {});
    TransferResult run_to_end(Transfer& transfer, bool& data1);

    UsbPort& port_;
    BusClock& clock_;
    HostTiming timing_;
    HostCounters counters_;
    State state_;
};

}  // namespace sim
