// SPDX-License-Identifier: ISC
// The control endpoint: turns packets into transfers (USB 2.0 sections 5.5 and 8.5.3).
//
// A Function (usb/device.hpp) answers each SETUP with send, receive or acknowledge; where it does none of them, the
// request is stalled. What a request changes, it changes in status_done(), when the host has been told, or in
// host_went_on(), when it must have been told although its handshake did not arrive.
//
// Assumes
//   - an endpoint 0 of 64 bytes whose driver keeps data toggles, takes SETUP at any time that none waits to be served,
//     and drops what the host repeats because a handshake was lost, acknowledging it again (section 8.6.4);
//   - that poll() is called all the time: there are no interrupts, and nothing else touches the endpoint.
//
// Limits
//   - a data stage from the host has to be as long as wLength says;
//   - a data stage to the host lies in memory, whole, until it has been sent;
//   - one transfer at a time: a SETUP ends the one before, whatever stage that was in.
//
// A lost handshake costs a retry. The host's, of a status stage to it: the next SETUP tells that it has gone on. The
// device's, of a SETUP: the host sends the same once more, and nothing has changed yet. The device's, of data: the
// endpoint stays open in the status stages, so that the repetition is acknowledged.
//
// No answer waits for a copy: a data packet is acknowledged, and the next one or the status stage let in, before its
// bytes are moved; of what is sent, one packet is on its way while the next one is being loaded.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>

#include "usb/chapter9.hpp"

namespace usb {

/** What the control endpoint needs of a device controller: a set of statics, drivers::UsbFs on the chip. */
template <class D>
concept ControlDriver = requires(typename D::Epr epr, std::uint8_t address, std::uint8_t* to, const std::uint8_t* from,
                                 std::uint32_t length) {
    { D::take_reset() } -> std::same_as<bool>;
    D::open_endpoint();
    D::set_address(address);
    { D::endpoint() } -> std::same_as<typename D::Epr>;
    D::write_endpoint(epr.served(D::Epr::stats(D::Stat::nak, D::Stat::valid)));
    { D::received() } -> std::convertible_to<std::uint32_t>;
    D::swap_receive_buffers();
    D::unload(to, length);
    D::load(from, length);
    D::transmit(length);
    { D::unique_id() } -> std::convertible_to<const std::uint32_t*>;
};

template <ControlDriver Driver, class Function>
class ControlEndpoint {
  public:
    /** Serves what has happened on the bus since the last call. @return whether anything has */
    bool poll() {
        if (Driver::take_reset()) {
            Driver::open_endpoint();
            stage_ = Stage::done;
            function_.bus_reset();
            return true;
        }
        Epr epr = Driver::endpoint();
        if (epr.has(epr.CTR_RX)) {
            Driver::swap_receive_buffers();
            if (epr.has(epr.SETUP)) {
                // At once, before the request is even read: its first data packet finds the endpoint open.
                show(Stage::data_out, epr);
                on_setup();
                epr = Driver::endpoint();
                // What has come meanwhile is served first: a SETUP makes this answer void, and data brings its own.
                if (!epr.has(epr.CTR_RX)) answer(epr);
            } else {
                on_out(epr);
            }
        } else if (epr.has(epr.CTR_TX)) {
            on_in();
            answer(epr);
        } else {
            return false;
        }
        if (stage_ == Stage::done) function_.status_done();
        return true;
    }

    /** Answers with a data stage to the host of `length` bytes, cut to wLength. The data must live until it ends. */
    void send(const std::uint8_t* data, std::uint32_t length) {
        if (left_ == 0) return acknowledge();  // wLength 0: there is no data stage
        source_ = data;
        stage_ = Stage::data_in;
        // A packet shorter than the maximum ends a data stage that is shorter than asked; with a full last packet an
        // empty one has to follow (USB 2.0 section 5.5.3).
        const bool as_asked = length >= left_;
        if (!as_asked) left_ = length;
        packets_ = static_cast<std::uint8_t>((left_ + max_packet_size - as_asked) / max_packet_size);
        prepare_packet();
        Driver::transmit(prepared_);
    }

    /** Answers with a data stage from the host: wLength bytes are stored at `data`, and one more where they are odd. */
    void receive(std::uint8_t* data) {
        sink_ = data;
        stage_ = Stage::data_out;
    }

    /** Answers a request that has no data stage, or whose data stage is over. */
    [[gnu::noinline]] void acknowledge() {
        stage_ = Stage::status_in;
        Driver::transmit(0);
    }

    const Function& function() const { return function_; }

  private:
    using Epr = typename Driver::Epr;
    using Stat = typename Driver::Stat;

    // Two bits beside the handshakes, which served() takes away, tell stages apart that show the same to the host.
    static constexpr std::uint8_t out_ends = 1 << 2;  ///< an OUT packet is the status stage
    static constexpr std::uint8_t writes = 1 << 6;    ///< the transfer is one to the device

    /** A stage of a transfer is the pair of handshakes that it shows to the host. */
    enum class Stage : std::uint8_t {
        // valid to receive: where the ACK of the status stage was lost, the host sends it again
        done = Epr::stats(Stat::nak, Stat::valid),
        data_in = Epr::stats(Stat::valid, Stat::valid) | out_ends,  // a host may start the status stage early
        status_out = Epr::stats(Stat::stall, Stat::valid) | out_ends,
        // nak, not stall: the host asks for the status stage before the last packet has been served
        data_out = Epr::stats(Stat::nak, Stat::valid) | writes,
        // valid to receive, as above: of the last packet of the data stage
        status_in = Epr::stats(Stat::valid, Stat::valid) | writes,
        stalled = Epr::stats(Stat::stall, Stat::stall),
    };

    /** Shows a stage to the host. @param epr  what was read of the endpoint, and is served by that */
    [[gnu::noinline]] static void show(Stage stage, Epr epr) {
        Driver::write_endpoint(epr.served(static_cast<std::uint8_t>(stage)));
    }

    // Kept whole, like those that follow: inlined, the compiler would copy the end of poll() once for every stage.
    [[gnu::noinline]] void on_setup() {
        const auto last = std::bit_cast<std::uint64_t>(setup_);
        Driver::unload(reinterpret_cast<std::uint8_t*>(&setup_), sizeof setup_);
        if (stage_ == Stage::status_in && std::bit_cast<std::uint64_t>(setup_) != last) function_.host_went_on();
        left_ = setup_.wLength;
        stage_ = Stage::stalled;
        function_.setup(setup_, *this);
    }

    [[gnu::noinline]] void on_out(Epr epr) {
        const std::uint32_t length = Driver::received();
        const bool is_data = stage_ == Stage::data_out && length == std::min<std::uint32_t>(left_, max_packet_size);
        if (is_data) {
            if (length == left_) acknowledge();
        } else {
            stage_ = (static_cast<std::uint8_t>(stage_) & out_ends) != 0 ? Stage::done : Stage::stalled;
        }
        // Before the packet is copied: the next one, or the status stage, comes sooner than that is done.
        show(stage_, epr);
        if (!is_data) return;
        Driver::unload(sink_, length);
        sink_ += length;
        left_ -= length;
    }

    [[gnu::noinline]] void on_in() {
        if (stage_ != Stage::data_in) {
            stage_ = Stage::done;
        } else if (--packets_ == 0) {
            stage_ = Stage::status_out;
        } else {
            Driver::transmit(prepared_);
        }
    }

    /** Shows the stage; and while a packet is on its way, prepares the next one. */
    void answer(Epr epr) {
        show(stage_, epr);
        if (stage_ == Stage::data_in) prepare_packet();
    }

    /** Loads the next packet of what is left, an empty one where that is nothing. */
    [[gnu::noinline]] void prepare_packet() {
        const std::uint32_t length = std::min<std::uint32_t>(left_, max_packet_size);
        prepared_ = static_cast<std::uint8_t>(length);
        Driver::load(source_, length);
        source_ += length;
        left_ -= length;
    }

    // Small things first: the core's short instructions reach 32 bytes of them.
    Stage stage_{};
    std::uint8_t packets_{};   ///< to the host that it has not acknowledged
    std::uint8_t prepared_{};  ///< bytes of the packet that is loaded
    union {                    ///< where the data stage goes on
        const std::uint8_t* source_{};
        std::uint8_t* sink_;
    };
    std::uint32_t left_{};  ///< bytes of the data stage that are still to come
    alignas(4) Setup setup_{};
    Function function_{};
};

}  // namespace usb
