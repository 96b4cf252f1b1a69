// SPDX-License-Identifier: ISC
// The DFU-mode interface: the state machine of DFU 1.1 appendix A, request by request.
//
// A request that is not legal in the present state is stalled and leads to dfuERROR, as appendix A.2 asks. Two
// deliberate departures: DFU_DETACH starts the application from any state, and a USB reset leaves DFU only after a
// completed download (a reset also happens when a virtual machine takes the device over, or a host resumes).
#pragma once

#include <algorithm>

#include "dfu/image.hpp"
#include "dfu/protocol.hpp"
#include "usb/chapter9.hpp"

namespace dfu {

/** bmAttributes of the functional descriptor (DFU 1.1 table 4.2), and what the build left out. */
struct Attributes {
    bool can_download;
    bool can_upload;
    bool will_detach;

    constexpr std::uint8_t bits() const {
        return static_cast<std::uint8_t>((can_download ? 1 : 0) | (can_upload ? 2 : 0) | (will_detach ? 8 : 4));
    }
};

/**
 * @tparam Update         dfu::Update, or its like
 * @tparam leave          leaves the bus and resets the chip, which then starts the application;
 * does not return on target
 * @tparam transfer_size  wTransferSize in bytes
 */
template <class Update, void (*leave)(), Attributes attributes, std::uint32_t transfer_size>
class Interface {
  public:
    /** A host has come, or come back. */
    void bus_reset() {
        if (downloaded_ || leaving_) leave();
        become_idle();
    }

    template <class Control>
    void setup(const usb::Setup& setup, Control& control) {
        if (!legal(setup)) {
            // The first cause stands until the host clears it.
            if (state_ != State::dfuERROR) fail(Status::errSTALLEDPKT);
            return;
        }
        switch (static_cast<Request>(setup.bRequest)) {
            case Request::DFU_DETACH:
                leaving_ = true;
                break;
            case Request::DFU_DNLOAD:
                if constexpr (attributes.can_download) download(setup, control);
                return;
            case Request::DFU_UPLOAD:
                if constexpr (attributes.can_upload) upload(setup, control);
                return;
            case Request::DFU_GETSTATUS:
                return get_status(control);
            case Request::DFU_GETSTATE:
                return control.send(reinterpret_cast<const std::uint8_t*>(&state_), 1);
            case Request::DFU_CLRSTATUS:
            case Request::DFU_ABORT:
                become_idle();
                break;
        }
        control.acknowledge();
    }

    /** The data stage of DFU_DNLOAD is complete. */
    void data_received() {
        if constexpr (!attributes.can_download) return;
        ++block_;  // not before: a block whose data stage was given up is still the next one
        settle(update_.accept(length_), State::dfuDNLOAD_SYNC);
    }

    /** The answer has reached the host: what it announced can be done now. */
    void status_done() {
        if (leaving_) leave();
        if constexpr (!attributes.can_download) return;
        if (state_ == State::dfuDNBUSY) settle(update_.write(), State::dfuDNLOAD_SYNC);
        if (state_ != State::dfuMANIFEST) return;
        settle(update_.commit(), State::dfuMANIFEST_SYNC);
        if (state_ == State::dfuMANIFEST_SYNC) {
            downloaded_ = true;
            if constexpr (attributes.will_detach) leave();
        }
    }

  private:
    static constexpr unsigned in(State state) { return 1u << static_cast<unsigned>(state); }
    static constexpr unsigned reporting = in(State::dfuIDLE) | in(State::dfuDNLOAD_SYNC) | in(State::dfuDNLOAD_IDLE) |
                                          in(State::dfuMANIFEST_SYNC) | in(State::dfuUPLOAD_IDLE) | in(State::dfuERROR);

    /** The states in which each request is legal (DFU 1.1 appendix A.2), and beside them its direction. */
    static constexpr unsigned device_to_host = 1u << 15;
    static constexpr std::uint16_t rules[request_count] = {
        /* DFU_DETACH */ static_cast<std::uint16_t>(~device_to_host),
        /* DFU_DNLOAD */ attributes.can_download ? in(State::dfuIDLE) | in(State::dfuDNLOAD_IDLE) : 0,
        /* DFU_UPLOAD */ attributes.can_upload ? device_to_host | in(State::dfuIDLE) | in(State::dfuUPLOAD_IDLE) : 0,
        /* DFU_GETSTATUS */ device_to_host | reporting,
        /* DFU_CLRSTATUS */ in(State::dfuERROR),
        /* DFU_GETSTATE */ device_to_host | reporting,
        /* DFU_ABORT */ in(State::dfuIDLE) | in(State::dfuDNLOAD_IDLE) | in(State::dfuUPLOAD_IDLE),
    };

    bool legal(const usb::Setup& setup) const {
        if (setup.bRequest >= request_count) return false;
        const unsigned rule = rules[setup.bRequest];
        return (rule >> static_cast<unsigned>(state_) & 1u) != 0 &&
               ((rule & device_to_host) != 0) == setup.device_to_host();
    }

    void become_idle() {
        state_ = State::dfuIDLE;
        status_ = Status::OK;
    }

    void fail(Status status) {
        status_ = status;
        state_ = State::dfuERROR;
    }

    /** Goes on, or to dfuERROR. */
    void settle(Status status, State next) {
        if (status != Status::OK) return fail(status);
        state_ = next;
    }

    /** Whether a block is the next one: wBlockNum counts from 0 and wraps (DFU 1.1 section 6.1.1). */
    bool in_order(const usb::Setup& setup) {
        if (state_ == State::dfuIDLE) {
            block_ = 0;
            position_ = 0;
            update_.restart();
        }
        if (setup.wValue != block_ || setup.wLength > transfer_size) {
            fail(Status::errADDRESS);
            return false;
        }
        length_ = setup.wLength;
        return true;
    }

    template <class Control>
    void download(const usb::Setup& setup, Control& control) {
        if (setup.wLength == 0) {
            if (state_ == State::dfuIDLE) return fail(Status::errSTALLEDPKT);
            update_.finish();
            state_ = State::dfuMANIFEST_SYNC;
            return control.acknowledge();
        }
        downloaded_ = false;
        if (!in_order(setup)) return;
        std::uint8_t* room = update_.room(setup.wLength);
        if (room == nullptr) return fail(Status::errADDRESS);
        control.receive(room);
    }

    template <class Control>
    void upload(const usb::Setup& setup, Control& control) {
        if (!in_order(setup)) return;
        const Ranges ranges = Update::ranges();
        const std::uint32_t left = ranges.application_end - ranges.application_base - position_;
        const std::uint32_t length = std::min<std::uint32_t>(setup.wLength, left);
        state_ = length < setup.wLength ? State::dfuIDLE : State::dfuUPLOAD_IDLE;
        const std::uint8_t* data = update_.read(position_, length);
        position_ += length;
        ++block_;
        control.send(data, length);
    }

    /** What the host sets off by asking for the status: the work that has waited for it, and how long it takes. */
    Milliseconds begin_work() {
        const bool manifesting = state_ == State::dfuMANIFEST_SYNC;
        if (manifesting && downloaded_) {
            state_ = State::dfuIDLE;
        } else if (manifesting || state_ == State::dfuDNLOAD_SYNC) {
            const Milliseconds wait = update_.pending(manifesting);
            state_ = manifesting ? State::dfuMANIFEST : State::dfuDNBUSY;
            if (!manifesting && wait.count == 0) settle(update_.write(), State::dfuDNLOAD_IDLE);
            return wait;
        }
        return {0};
    }

    template <class Control>
    void get_status(Control& control) {
        const Milliseconds wait = attributes.can_download ? begin_work() : Milliseconds{0};
        // bStatus, bwPollTimeout (three bytes; never more than 255 ms), bState, iString
        reply_[0] = static_cast<std::uint16_t>(static_cast<unsigned>(status_) | wait.count << 8);
        reply_[1] = 0;
        reply_[2] = static_cast<std::uint16_t>(state_);
        control.send(reinterpret_cast<const std::uint8_t*>(reply_), sizeof reply_);
    }

    State state_{};
    Status status_{};
    bool leaving_{};
    bool downloaded_{};  ///< an update has been completed since the last one was begun
    std::uint16_t block_{};
    std::uint16_t length_{};    ///< of the present block, in bytes
    std::uint32_t position_{};  ///< of the next block to upload, in bytes from the application's start
    std::uint16_t reply_[3]{};
    Update update_{};
};

}  // namespace dfu
