// SPDX-License-Identifier: ISC
// The device end of a full-speed USB wire as a host sees it: the seam between the chip and the host.
// A transaction of USB 2.0 chapter 8 is three calls: begin_transaction() when its token has passed over the wire;
// setup(), out() or in() when its data has (for IN, at once); end_transaction() when its handshake has. Time is not
// passed here: the host runs the machine to each of these instants, then makes the call.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sim/time.hpp"

namespace sim {

/// The world behind the port, as something in which time passes.
class BusClock {
  public:
    virtual ~BusClock() = default;
    [[nodiscard]] virtual Time now() const = 0;
    /// Lets time pass until at least `when`.
    virtual void run_until(Time when) = 0;
};

/// What comes back from the device (USB 2.0 8.4.5).
enum class Handshake : std::uint8_t {
    none,  ///< Silence: not attached, other address, endpoint disabled, packet damaged.
    ack,   ///< OUT/SETUP accepted; for IN: a data packet came.
    nak,
    stall,
};

/// Which token opens a transaction (USB 2.0 8.4.1).
enum class Token : std::uint8_t { setup, out, in };

/// Answer to an IN token.
struct InAnswer {
    Handshake handshake = Handshake::none;
    bool data1 = false;               ///< PID of the data packet: DATA1 rather than DATA0. Only with ack.
    std::vector<std::uint8_t> bytes;  ///< Only with ack. At most 1023.
};

/// A device on the wire. A test may implement it without a chip.
class UsbPort {
  public:
    virtual ~UsbPort() = default;

    /// The pull-up on DP is seen by the hub (USB 2.0 7.1.7.3). May change whenever the machine
    /// runs.
    virtual bool attached() const = 0;

    /// How often the device has left the wire for at least TDDIS (2.5 us, 7.1.7.3) and come back,
    /// so that a host that looks only now and then misses nothing.
    virtual std::uint64_t disconnections() const { return 0; }

    /// The host starts to drive SE0. The device sees the reset once 2.5 us of it have passed.
    virtual void begin_reset() = 0;
    /// The host ends SE0. Between begin and end no transaction may be made.
    virtual void end_reset() = 0;

    /// Start of frame; `frame` is 0 to 2047. A host that stops sending these suspends the device
    /// after 3 ms.
    virtual void sof(std::uint16_t frame) = 0;

    /// The host drives K (resume signalling, at least 20 ms), then ends it with a low-speed EOP.
    virtual void begin_resume() = 0;
    virtual void end_resume() = 0;
    /// The device itself drives K (remote wake-up, CNTR.RESUME).
    virtual bool drives_resume() const = 0;

    /// The token of a transaction has passed. What the device does with the transaction may be decided here already.
    virtual void begin_transaction(Token, std::uint8_t /*address*/, std::uint8_t /*endpoint*/) {}
    /// The transaction that begin_transaction() opened is over, its handshake has passed.
    virtual void end_transaction() {}
    /// SETUP transaction. `bytes` is normally 8 long, `data1` normally false; a hostile host may
    /// differ.
    virtual Handshake setup(std::uint8_t address, std::uint8_t endpoint, std::span<const std::uint8_t> bytes,
                            bool data1 = false) = 0;
    /// OUT transaction. An isochronous endpoint takes the data and answers nothing.
    virtual Handshake out(std::uint8_t address, std::uint8_t endpoint, bool data1,
                          std::span<const std::uint8_t> bytes) = 0;
    /// IN transaction. With `host_acknowledges` false the host's ACK is lost: the device must send
    /// the packet again.
    virtual InAnswer in(std::uint8_t address, std::uint8_t endpoint, bool host_acknowledges = true) = 0;
};

}  // namespace sim
