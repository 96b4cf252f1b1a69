// SPDX-License-Identifier: ISC
// The DFU-mode interface: the state machine of DFU 1.1 appendix A, request by request.
//
// A request that is not legal in the present state is stalled and leads to dfuERROR, as appendix A.2 asks. Two
// deliberate departures: DFU_DETACH starts the application from any state, and a USB reset leaves DFU only after a
// completed download (a reset also happens when a virtual machine takes the device over, or a host resumes).
#pragma once

#include <algorithm>

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
 * @tparam leave          leaves the bus and resets the chip, which then starts the application; does not return on target
 * @tparam transfer_size  wTransferSize in bytes
 */
template <class Update, void (*leave)(), Attributes attributes, std::uint32_t transfer_size>
class Interface {
  public:
    /** A host has come, or come back. */
    void bus_reset() {
        if (downloaded_) leave();
        state_ = State::dfuIDLE;
        status_ = Status::OK;
    }

    template <class Control>
    bool setup(const usb::Setup& setup, Control& control) {
        if (!legal(setup)) return fail(Status::errSTALLEDPKT);
        switch (static_cast<Request>(setup.bRequest)) {
            case Request::DFU_DETACH:
                leaving_ = true;
                return control.acknowledge();
            case Request::DFU_DNLOAD:
                return download(setup, control);
            case Request::DFU_UPLOAD:
                return upload(setup, control);
            case Request::DFU_GETSTATUS:
                return get_status(control);
            case Request::DFU_GETSTATE:
                reply_[0] = static_cast<std::uint8_t>(state_);
                return control.send(reply_, 1);
            case Request::DFU_CLRSTATUS:
            case Request::DFU_ABORT:
                state_ = State::dfuIDLE;
                status_ = Status::OK;
                return control.acknowledge();
        }
        return false;
    }

    /** The data stage of DFU_DNLOAD is complete. */
    void data_received() {
        state_ = State::dfuDNLOAD_SYNC;
        settle(update_.accept(block_length_), State::dfuDNLOAD_SYNC);
    }

    /** The answer has reached the host: what it announced can be done now. */
    void status_done() {
        if (leaving_) leave();
        if (state_ == State::dfuDNBUSY) settle(update_.write(), State::dfuDNLOAD_SYNC);
        if (state_ == State::dfuMANIFEST) {
            settle(update_.commit(), State::dfuMANIFEST_SYNC);
            if (state_ == State::dfuMANIFEST_SYNC) downloaded_ = true;
            if (attributes.will_detach && downloaded_) leave();
        }
    }

  private:
    static constexpr unsigned in(State state) { return 1u << static_cast<unsigned>(state); }
    static constexpr unsigned reporting = in(State::dfuIDLE) | in(State::dfuDNLOAD_SYNC) | in(State::dfuDNLOAD_IDLE) |
                                          in(State::dfuMANIFEST_SYNC) | in(State::dfuUPLOAD_IDLE) | in(State::dfuERROR);

    /** States in which each request is legal (DFU 1.1 appendix A.2), and the direction that it must have. */
    struct Rule {
        std::uint16_t states;
        bool device_to_host;
    };
    static constexpr Rule rules[request_count] = {
        /* DFU_DETACH */ {0xFFFF, false},
        /* DFU_DNLOAD */ {attributes.can_download ? in(State::dfuIDLE) | in(State::dfuDNLOAD_IDLE) : 0, false},
        /* DFU_UPLOAD */ {attributes.can_upload ? in(State::dfuIDLE) | in(State::dfuUPLOAD_IDLE) : 0, true},
        /* DFU_GETSTATUS */ {reporting, true},
        /* DFU_CLRSTATUS */ {in(State::dfuERROR), false},
        /* DFU_GETSTATE */ {reporting, true},
        /* DFU_ABORT */ {in(State::dfuIDLE) | in(State::dfuDNLOAD_IDLE) | in(State::dfuUPLOAD_IDLE), false},
    };

    bool legal(const usb::Setup& setup) const {
        return setup.bRequest < request_count && (rules[setup.bRequest].states & in(state_)) != 0 &&
               rules[setup.bRequest].device_to_host == setup.device_to_host();
    }

    /** Enters dfuERROR. The first cause stands until the host clears it. */
    bool fail(Status status) {
        if (state_ != State::dfuERROR) status_ = status;
        state_ = State::dfuERROR;
        return false;
    }

    void settle(Status status, State next) {
        if (status == Status::OK) {
            state_ = next;
        } else {
            fail(status);
        }
    }

    /** Whether a block is the next one: wBlockNum counts from 0 and wraps (DFU 1.1 section 6.1.1). */
    bool in_order(const usb::Setup& setup) {
        if (state_ == State::dfuIDLE) {
            block_ = 0;
            position_ = 0;
            downloaded_ = false;
            update_.restart();
        }
        return setup.wValue == block_++ && setup.wLength <= transfer_size;
    }

    template <class Control>
    bool download(const usb::Setup& setup, Control& control) {
        if (setup.wLength == 0) {
            if (state_ == State::dfuIDLE) return fail(Status::errSTALLEDPKT);
            update_.finish();
            state_ = State::dfuMANIFEST_SYNC;
            return control.acknowledge();
        }
        if (!in_order(setup)) return fail(Status::errADDRESS);
        block_length_ = setup.wLength;
        return control.receive(update_.room());
    }

    template <class Control>
    bool upload(const usb::Setup& setup, Control& control) {
        if (!in_order(setup)) return fail(Status::errADDRESS);
        const std::uint32_t left = Update::ranges().application_end - Update::ranges().application_base - position_;
        const std::uint32_t length = std::min<std::uint32_t>(setup.wLength, left);
        state_ = length < setup.wLength ? State::dfuIDLE : State::dfuUPLOAD_IDLE;
        control.send(update_.read(position_, length), length);
        position_ += length;
        return true;
    }

    template <class Control>
    bool get_status(Control& control) {
        Milliseconds wait{0};
        if (state_ == State::dfuDNLOAD_SYNC) {
            wait = update_.pending();
            state_ = State::dfuDNBUSY;
            if (wait.count == 0) settle(update_.write(), State::dfuDNLOAD_IDLE);
        } else if (state_ == State::dfuMANIFEST_SYNC) {
            if (downloaded_) {
                state_ = State::dfuIDLE;
            } else {
                wait = update_.pending_commit();
                state_ = State::dfuMANIFEST;
            }
        }
        reply_[0] = static_cast<std::uint8_t>(status_);
        reply_[1] = static_cast<std::uint8_t>(wait.count);  // bwPollTimeout; never more than 255 ms
        reply_[2] = 0;
        reply_[3] = 0;
        reply_[4] = static_cast<std::uint8_t>(state_);
        reply_[5] = 0;
        return control.send(reply_, 6);
    }

    State state_{};
    Status status_{};
    bool leaving_{};
    bool downloaded_{};  ///< an update has been completed since the last one was begun
    std::uint16_t block_{};
    std::uint32_t block_length_{};
    std::uint32_t position_{};  ///< of the next block to upload, in bytes from the application's start
    std::uint8_t reply_[6]{};
    Update update_{};
};

}  // namespace dfu
