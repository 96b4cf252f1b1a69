// SPDX-License-Identifier: ISC
// What things cost on a full-speed bus, and how a host spends its time there. Everything that a benchmark may want to
// vary about the host is in HostTiming and nowhere else.
//
// The model: frames of 1 ms on a grid of their own. Inside a frame transactions follow each other as closely as USB 2.0
// allows, as long as they end before the frame does. After a NAK the same is tried again, at the full price of the
// packets on the wire. When that is, and when a transfer starts that software submits, depends on the host
// (HostProfile).
#pragma once

#include <cstdint>
#include <span>

#include "sim/time.hpp"

namespace sim {

inline constexpr Time microsecond{1'000'000};
inline constexpr Time millisecond{1'000'000'000};

/// `bits` at 12 Mbit/s, rounded up.
constexpr Time bit_times(std::int64_t bits) {
    return Time{(bits * 250'000 + 2) / 3};
}

// Packets in bits (USB 2.0 section 8.3, 8.4): SYNC 8, PID 8, EOP 3, and what is between.
inline constexpr std::int64_t token_bits = 8 + 8 + 16 + 3;
inline constexpr std::int64_t handshake_bits = 8 + 8 + 3;
inline constexpr std::int64_t data_overhead_bits = 8 + 8 + 16 + 3;

/// Gap between two packets of the host: at least 2 bit times (7.1.18.1), 3 with a real controller.
inline constexpr std::int64_t host_gap_bits = 3;
/// Until the answer of a device begins: 2 to 6.5 bit times (7.1.18.1), and the cables' delay.
inline constexpr std::int64_t device_gap_bits = 6;
/// After this long without an answer a packet counts as lost: 16 to 18 bit times (7.1.19.1).
inline constexpr std::int64_t lost_bits = 18;
/// This close to the next SOF no transaction may still be running (EOF1, 11.3.1).
inline constexpr std::int64_t end_of_frame_bits = 42;

/// Zeroes that bit stuffing (7.1.9) adds to a data packet with this payload: one after every six
/// ones in a row. CRC and PID are left out; they add one bit at most.
constexpr std::int64_t stuffed_bits(std::span<const std::uint8_t> payload) {
    std::int64_t stuffed = 0;
    int ones = 0;
    for (const auto byte : payload)
        for (int bit = 0; bit < 8; ++bit) {
            ones = (byte >> bit & 1) != 0 ? ones + 1 : 0;
            if (ones != 6) continue;
            ++stuffed;
            ones = 0;
        }
    return stuffed;
}

constexpr std::int64_t data_packet_bits(std::span<const std::uint8_t> payload) {
    return data_overhead_bits + 8 * static_cast<std::int64_t>(payload.size()) + stuffed_bits(payload);
}

/// SETUP or OUT until the last bit of its data packet has passed.
constexpr std::int64_t bits_to_device(std::span<const std::uint8_t> payload) {
    return token_bits + host_gap_bits + data_packet_bits(payload);
}

/// How a host spends the time that USB leaves to it: when it starts a transfer, and when it tries a transaction again
/// that was answered with NAK.
enum class HostProfile : std::uint8_t {
    immediate,  ///< Starts when it is told to, and tries again as closely as the bus allows: OHCI, many xHCI.
    gap,        ///< Tries again 30 us later: xHCI and EHCI behind a hub's transaction translator look away for a while.
    next_frame,  ///< Tries again once a frame: some hubs.
    frame_list,  ///< Starts with the next frame only, and tries again at once: UHCI, whose schedule is a list of
                 ///< frames.
};

/// The habits of a host. The defaults are those of a Linux machine, rounded to our disadvantage.
struct HostTiming {
    /// From the end of a transfer, or of a sleep, until software has submitted the next one.
    Time submission = 50 * microsecond;
    /// Submitted transfers wait for the next frame.
    bool start_at_frame = true;
    /// NAKs that a transfer takes in one frame before it waits for the next; 0: no limit.
    unsigned naks_per_frame = 0;
    /// From a NAK until the same transfer is tried again.
    Time retry_gap{};
    /// After this long software gives up on a control transfer.
    Time transfer_timeout = 5'000 * millisecond;
    /// Tries in a row without any answer before the controller gives up (USB 2.0 section 10.2.6).
    unsigned strikes = 3;
    /// A new connection must last this long before it counts, TATTDB (7.1.7.3).
    Time debounce = 100 * millisecond;
    /// SE0 of a port reset, TDRSTR of a root hub: 50 ms; other hubs take 10 to 20 ms.
    Time reset = 50 * millisecond;
    /// Quiet time after reset, TRSTRCY, and after resume, TRSMRCY.
    Time recovery = 10 * millisecond;
    /// Quiet time after SET_ADDRESS (9.2.6.3).
    Time address_recovery = 2 * millisecond;
    /// K of a resume, TDRSMDN.
    Time resume = 20 * millisecond;
    /// How often an idle port is looked at. A device that was away in between, for TDDIS (2.5 us)
    /// or longer, is noticed all the same, but no sooner.
    Time sense = 200 * microsecond;

    /// These habits, with those of `profile` at the start of a transfer and after a NAK.
    [[nodiscard]] constexpr HostTiming with(HostProfile profile) const {
        HostTiming timing = *this;
        timing.start_at_frame = profile == HostProfile::frame_list;
        timing.naks_per_frame = profile == HostProfile::next_frame ? 1 : 0;
        timing.retry_gap = profile == HostProfile::gap ? 30 * microsecond : Time{};
        return timing;
    }
};

}  // namespace sim
