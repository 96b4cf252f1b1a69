// SPDX-License-Identifier: ISC
// Serial wire debug at the pins (ADIv5.2 B4; RM0008 31.8): one bit a clock, requests with their acknowledgement, and
// the sequences by which a port that speaks JTAG after power-on is told to speak this (31.3.1).
//
// Stricter than silicon: after a line reset anything but a read of DPIDR, and after a request that is malformed or ends
// early anything but a line reset, is met by silence.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/debug/debug_port.hpp"

namespace sim::debug {

/// The identification of the Cortex-M3's serial wire debug port (RM0008 31.8.2).
inline constexpr std::uint32_t swd_idcode = 0x1ba0'1477;

enum class Acknowledgement : std::uint8_t { ok = 1, wait = 2, fault = 4, none = 7 };

class Swd {
  public:
    explicit Swd(Machine& machine) : machine_(machine), port_(machine) {}

    /// One period of SWCLK. `host` is what the probe drives, nothing where it listens. Gives what is on the wire, which
    /// is pulled up. Silent while the program has taken the pins away (AFIO_MAPR.SWJ_CFG) or the chip has no power.
    bool clock(std::optional<bool> host);

  private:
    enum class Phase : std::uint8_t {
        silent,
        idle,
        request,
        turn_to_target,
        acknowledge,
        read,
        turn_to_host,
        turn_to_write,
        write,
    };
    [[nodiscard]] bool driven_bit() const;
    void watch_for_sequences(bool level);
    void step(bool level);
    void take_request();
    [[nodiscard]] Acknowledgement answer();
    void read_port();
    void write_port();

    Machine& machine_;
    DebugPort port_;
    Phase phase_ = Phase::silent;
    bool selected_ = false;    ///< Serial wire, not JTAG.
    bool identified_ = false;  ///< DPIDR has been read since the line reset.
    unsigned ones_ = 0;        ///< In a row.
    std::uint32_t sequence_ = 0;
    unsigned sequence_length_ = 0;  ///< Of what followed 50 ones; 0: none is awaited.
    std::uint64_t bits_ = 0;        ///< Of the phase, the first lowest.
    unsigned count_ = 0;
    std::uint8_t request_ = 0;
    Acknowledgement acknowledgement_ = Acknowledgement::none;
    std::uint32_t posted_ = 0;  ///< Result of the last read of the access port.
};

}  // namespace sim::debug
