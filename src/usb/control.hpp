// SPDX-License-Identifier: ISC
// The control endpoint: turns packets into transfers (USB 2.0 sections 5.5 and 8.5.3).
//
// A Function (usb/device.hpp) answers each SETUP with send, receive or acknowledge; where it says no, the request is
// stalled. The direction that a transfer does not use is stalled too, so that a host that breaks the protocol is told
// at once. Any SETUP starts anew, whatever was going on.
#pragma once

#include <algorithm>

#include "usb/chapter9.hpp"

namespace usb {

template <class Driver, class Function>
class ControlEndpoint {
  public:
    /** Serves what has happened on the bus since the last call. */
    void poll() {
        if (Driver::take_reset()) {
            Driver::open_endpoint();
            function_.bus_reset();
        }
        const Epr epr = Driver::endpoint();
        if (epr.has(epr.CTR_RX)) {
            stage_ = epr.has(epr.SETUP) ? on_setup() : on_out();
        } else if (epr.has(epr.CTR_TX)) {
            stage_ = on_in();
        } else {
            return;
        }
        Driver::write_endpoint(epr.served(static_cast<std::uint16_t>(stage_)));
        if (stage_ == Stage::done) function_.status_done();
    }

    /** Answers with a data stage to the host of `length` bytes, cut to wLength. The data must live until it ends. */
    void send(const std::uint8_t* data, std::uint32_t length) {
        source_ = data;
        // A packet shorter than the maximum ends a data stage that is shorter than asked; with a full last packet an
        // empty one has to follow (USB 2.0 section 5.5.3).
        ends_short_ = length < left_;
        stage_ = left_ != 0 ? Stage::data_in : Stage::status_in;  // wLength 0: there is no data stage
        left_ = std::min(length, left_);
    }

    /** Answers with a data stage from the host: wLength bytes are stored at `data`, and one more where they are odd. */
    void receive(std::uint8_t* data) {
        sink_ = data;
        stage_ = Stage::data_out;
    }

    /** Answers a request that has no data stage. */
    void acknowledge() {
        left_ = 0;
        stage_ = Stage::status_in;
    }

  private:
    using Epr = typename Driver::Epr;
    using Stat = typename Driver::Stat;

    /** A stage of a transfer is the pair of handshakes that it shows to the host. */
    enum class Stage : std::uint16_t {
        done = Epr::stats(Stat::nak, Stat::nak),
        data_in = Epr::stats(Stat::valid, Stat::valid),  // valid to receive: a host may start the status stage early
        status_out = Epr::stats(Stat::stall, Stat::valid),
        // nak, not stall: the host asks for the status stage before the last packet has been served
        data_out = Epr::stats(Stat::nak, Stat::valid),
        status_in = Epr::stats(Stat::valid, Stat::stall),
        stalled = Epr::stats(Stat::stall, Stat::stall),
    };

    // Kept whole: inlined, the compiler would copy the end of poll() once for every stage.
    [[gnu::noinline]] Stage on_setup() {
        Setup setup;
        Driver::unload(reinterpret_cast<std::uint8_t*>(&setup), sizeof setup);
        left_ = setup.wLength;
        stage_ = Stage::stalled;
        function_.setup(setup, *this);
        if (stage_ == Stage::data_in || stage_ == Stage::status_in) load_packet();
        return stage_;
    }

    [[gnu::noinline]] Stage on_out() {
        if (stage_ != Stage::data_out) return Stage::done;
        const std::uint32_t length = Driver::received();
        if (length > left_) return Stage::stalled;
        Driver::unload(sink_, length);
        sink_ += length;
        left_ -= length;
        if (left_ != 0) return length == max_packet_size ? Stage::data_out : Stage::stalled;
        function_.data_received();
        load_packet();
        return Stage::status_in;
    }

    [[gnu::noinline]] Stage on_in() {
        if (stage_ != Stage::data_in) return Stage::done;
        if (left_ == 0 && !ends_short_) return Stage::status_out;
        load_packet();
        return Stage::data_in;
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
    Function function_{};
};

}  // namespace usb
