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
            const std::uint32_t length = Driver::received();
            Driver::swap_receive_buffers();
            const bool is_setup = epr.has(epr.SETUP);
            const bool more_follows =
                !is_setup && stage_ == Stage::data_out && length == max_packet_size && length < left_;
            // At once, before anything else is done: in a data stage the next packet finds the endpoint open, and a
            // SETUP that is repeated is heard.
            show(more_follows ? Stage::data_out : Stage::busy, epr);
            if (more_follows) {
                store(length);
                return true;
            }
            is_setup ? on_setup() : on_last_out(length);
            epr = Driver::endpoint();
        } else if (epr.has(epr.CTR_TX)) {
            on_in();
        } else {
            return false;
        }
        // A SETUP that has come meanwhile makes the answer to this one void.
        if (!epr.has(epr.CTR_RX)) show(stage_, epr);
        if (stage_ == Stage::done) function_.status_done();
        return true;
    }

    /** Answers with a data stage to the host of `length` bytes, cut to wLength. The data must live until it ends. */
    void send(const std::uint8_t* data, std::uint32_t length) {
        source_ = data;
        // A packet shorter than the maximum ends a data stage that is shorter than asked; with a full last packet an
        // empty one has to follow (USB 2.0 section 5.5.3).
        ends_short_ = length < left_;
        stage_ = left_ != 0 ? Stage::data_in : Stage::status_in;  // wLength 0: there is no data stage
        left_ = std::min(length, left_);
        load_packet();
    }

    /** Answers with a data stage from the host: wLength bytes are stored at `data`, and one more where they are odd. */
    void receive(std::uint8_t* data) {
        sink_ = data;
        stage_ = Stage::data_out;
    }

    /** Answers a request that has no data stage, or whose data stage is over. */
    [[gnu::noinline]] void acknowledge() {
        left_ = 0;
        stage_ = Stage::status_in;
        load_packet();
    }

    const Function& function() const { return function_; }

  private:
    using Epr = typename Driver::Epr;
    using Stat = typename Driver::Stat;

    // Two bits beside the handshakes, which served() takes away, tell stages apart that show the same to the host.
    static constexpr std::uint16_t out_ends = 1;  ///< an OUT packet is the status stage
    static constexpr std::uint16_t writes = 2;    ///< the transfer is one to the device

    /** A stage of a transfer is the pair of handshakes that it shows to the host. */
    enum class Stage : std::uint16_t {
        busy = Epr::stats(Stat::nak, Stat::nak),
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
        Driver::write_endpoint(epr.served(static_cast<std::uint16_t>(stage)));
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

    [[gnu::noinline]] void on_last_out(std::uint32_t length) {
        if (stage_ == Stage::data_out && length == left_) {
            store(length);
            return acknowledge();
        }
        stage_ = (static_cast<std::uint16_t>(stage_) & out_ends) != 0 ? Stage::done : Stage::stalled;
    }

    [[gnu::noinline]] void on_in() {
        if (stage_ != Stage::data_in) {
            stage_ = Stage::done;
        } else if (left_ == 0 && !ends_short_) {
            stage_ = Stage::status_out;
        } else {
            load_packet();
        }
    }

    void store(std::uint32_t length) {
        Driver::unload(sink_, length);
        sink_ += length;
        left_ -= length;
    }

    /** The next packet of what is left, or an empty one. */
    void load_packet() {
        const std::uint32_t length = std::min<std::uint32_t>(left_, max_packet_size);
        Driver::load(source_, length);
        source_ += length;
        left_ -= length;
        if (length < max_packet_size) ends_short_ = false;
    }

    const std::uint8_t* source_{};
    std::uint8_t* sink_{};
    std::uint32_t left_{};  ///< bytes of the data stage that are still to come
    Stage stage_{};
    bool ends_short_{};
    alignas(std::uint64_t) Setup setup_{};
    Function function_{};
};

}  // namespace usb
