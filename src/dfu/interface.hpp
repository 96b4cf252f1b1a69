// SPDX-License-Identifier: ISC
// The DFU-mode interface: the state machine of DFU 1.1 appendix A, request by request.
//
// A request that is not legal in the present state is stalled and leads to dfuERROR, as appendix A.2 asks. A legal one
// takes effect when its status stage is over, so that one whose handshake was lost can simply be sent again. (Work is
// done there, too, with the core waiting for the flash: dfuDNBUSY is a state that hosts are told of, and none to be
// in.)
//
// Deliberate departures: DFU_DETACH starts the application from any state, and a USB reset only after a completed
// download (a reset also happens when a virtual machine takes the device over, or a host resumes). DFU_ABORT is taken
// in dfuDNLOAD-SYNC, too. Manifestation happens within the DFU_GETSTATUS that asks for it, and dfuIDLE is its answer,
// also of a device that goes on to start the application: hosts ask once more, or read back, and are content.
#pragma once

#include <algorithm>
#include <concepts>

#include "dfu/image.hpp"
#include "dfu/protocol.hpp"
#include "usb/chapter9.hpp"

namespace dfu {

/** bmAttributes of the functional descriptor (DFU 1.1 table 4.2), and what the build left out. */
struct Attributes {
    bool can_download;
    bool can_upload;
    bool will_detach;
    bool has_other_settings = false;  ///< alternate settings that stand for other places, which do not exist here

    constexpr std::uint8_t bits() const {
        return static_cast<std::uint8_t>((can_download ? 1 : 0) | (can_upload ? 2 : 0) | (will_detach ? 8 : 4));
    }
};

/** What the interface needs of whoever keeps the image; dfu::Update on the chip. */
template <class U>
concept ImageStore = requires(U store, const U& const_store, std::uint32_t offset, std::uint32_t length) {
    store.measure();
    store.restart();
    { store.room() } -> std::same_as<std::uint8_t*>;
    { store.accept(length) } -> std::same_as<Status>;
    { const_store.pending() } -> std::same_as<Milliseconds>;
    { store.write() } -> std::same_as<Status>;
    store.finish();
    { store.commit() } -> std::same_as<Status>;
    { const_store.size() } -> std::convertible_to<std::uint32_t>;
    { U::may_be_read() } -> std::same_as<bool>;
    { store.read(offset, length) } -> std::same_as<const std::uint8_t*>;
};

/**
 * @tparam Update         dfu::Update, or its like
 * @tparam transfer_size  wTransferSize in bytes
 */
template <ImageStore Update, Attributes attributes, std::uint32_t transfer_size>
class Interface {
  public:
    /** A host has come, or come back. */
    void bus_reset() {
        if (!attributes.will_detach && image_size_ != 0) leaving_ = true;  // else it is leaving already
        update_.measure();
        settle(Status::OK, State::dfuIDLE);
    }

    /** A transfer begins, to this interface or not: one that has not come to its end is forgotten. */
    void begin() { next_ = unchanged; }

    /** Whether the host has chosen the alternate setting that stands for this flash. */
    void select(bool is_here) { elsewhere_ = !is_here; }

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
                next_ = State::dfuIDLE;
                break;
        }
        control.acknowledge();
    }

    /** The status stage is over: the request takes effect. */
    void status_done() {
        if (next_ == unchanged) return;
        if (next_ == State::dfuDNBUSY) return settle(update_.write(), State::dfuDNLOAD_SYNC);
        ++block_;
        position_ += length_;
        if (next_ == State::dfuMANIFEST_SYNC) update_.finish();
        settle(next_ == State::dfuDNLOAD_SYNC ? update_.accept(length_) : Status::OK, next_);
    }

    /** Whether the host is done with the device: a download is complete, or it has sent DFU_DETACH. */
    bool leaving() const { return leaving_; }
    bool failed() const { return state_ == State::dfuERROR; }

  private:
    static constexpr State unchanged = State::appIDLE;  ///< a state that is never entered

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
        /* DFU_ABORT */ in(State::dfuIDLE) | in(State::dfuDNLOAD_SYNC) | in(State::dfuDNLOAD_IDLE) |
            in(State::dfuUPLOAD_IDLE),
    };

    bool legal(const usb::Setup& setup) const {
        if (setup.bRequest >= request_count) return false;
        const unsigned rule = rules[setup.bRequest];
        return (rule >> static_cast<unsigned>(state_) & 1u) != 0 &&
               ((rule & device_to_host) != 0) == setup.device_to_host();
    }

    void fail(Status status) {
        report_.bStatus = status;
        state_ = State::dfuERROR;
    }

    /** Goes on, or to dfuERROR. */
    void settle(Status status, State next) {
        report_.bStatus = status;
        state_ = status == Status::OK ? next : State::dfuERROR;
    }

    /** Whether a block is for this flash, and the next one: wBlockNum counts from 0 and wraps (DFU 1.1 section 6.1.1).
     */
    [[gnu::noinline]] bool in_order(const usb::Setup& setup) {
        if (attributes.has_other_settings && elsewhere_) {
            fail(Status::errTARGET);
            return false;
        }
        if (state_ == State::dfuIDLE) {
            block_ = 0;
            position_ = 0;
        }
        length_ = setup.wLength;
        if (setup.wValue == block_ && length_ <= transfer_size) return true;
        fail(Status::errADDRESS);
        return false;
    }

    template <class Control>
    void download(const usb::Setup& setup, Control& control) {
        if (setup.wLength == 0) {
            if (state_ == State::dfuIDLE) return fail(Status::errSTALLEDPKT);
            length_ = 0;
            next_ = State::dfuMANIFEST_SYNC;
            return control.acknowledge();
        }
        image_size_ = 0;
        leaving_ = false;
        if (!in_order(setup)) return;
        if (position_ == 0) update_.restart();
        next_ = State::dfuDNLOAD_SYNC;
        control.receive(update_.room());
    }

    template <class Control>
    void upload(const usb::Setup& setup, Control& control) {
        if (!in_order(setup)) return;
        if (!Update::may_be_read()) return fail(Status::errVENDOR);
        // What was sent is what is read back, in the session in which it was sent (a host may want to compare).
        const std::uint32_t size = image_size_ != 0 ? image_size_ : update_.size();
        const std::uint32_t length = std::min<std::uint32_t>(length_, size - position_);
        next_ = length < length_ ? State::dfuIDLE : State::dfuUPLOAD_IDLE;
        control.send(update_.read(position_, length), length);
    }

    /** What the host sets off by asking for the status. @return the time for which it need not ask again */
    Milliseconds work() {
        if (state_ == State::dfuMANIFEST_SYNC) {
            settle(update_.commit(), State::dfuIDLE);
            if (state_ == State::dfuIDLE) {
                image_size_ = position_;
                leaving_ = attributes.will_detach;
            }
        } else if (state_ == State::dfuDNLOAD_SYNC) {
            const Milliseconds wait = update_.pending();
            if (wait.count != 0) {
                next_ = State::dfuDNBUSY;
                return wait;
            }
            settle(update_.write(), State::dfuDNLOAD_IDLE);
        }
        return {0};
    }

    template <class Control>
    void get_status(Control& control) {
        const Milliseconds wait = attributes.can_download ? work() : Milliseconds{0};
        report_.bwPollTimeout = static_cast<std::uint8_t>(wait.count);
        report_.bState = next_ != unchanged ? next_ : state_;
        control.send(reinterpret_cast<const std::uint8_t*>(&report_), sizeof report_);
    }

    State state_{};
    State next_{};  ///< what the end of the present transfer leads to
    bool leaving_{};
    bool elsewhere_{};
    Report report_{};
    std::uint16_t block_{};
    std::uint16_t length_{};      ///< of the present block, in bytes
    std::uint32_t position_{};    ///< of the next block, in bytes from the application's start
    std::uint32_t image_size_{};  ///< of the download that this session has completed, in bytes; 0: none
    Update update_{};
};

}  // namespace dfu
