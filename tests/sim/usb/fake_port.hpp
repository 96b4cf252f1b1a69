// SPDX-License-Identifier: ISC
// A device end that a test scripts, and a clock that just counts: the host model without any chip.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "flasher/transport.hpp"
#include "sim/usb/host.hpp"

namespace sim::test {

class FakeClock : public BusClock {
  public:
    [[nodiscard]] Time now() const override { return now_; }
    void run_until(Time when) override {
        now_ = std::max(now_, when);
        if (on_time) on_time(now_);
    }
    std::function<void(Time)> on_time;

  private:
    Time now_{};
};

/// Endpoint 0 of a correct device whose answers a handler gives; faults can be queued in front of
/// it.
class FakePort : public UsbPort {
  public:
    explicit FakePort(FakeClock& clock) : clock_(clock) {}

    // --- what the test sets
    bool is_attached = true;
    std::size_t max_packet_size = 64;
    /// Data for a control IN; nothing stalls.
    std::function<std::optional<std::vector<std::uint8_t>>(const flasher::SetupPacket&)> on_in;
    /// Takes a control OUT; false stalls.
    std::function<bool(const flasher::SetupPacket&, const std::vector<std::uint8_t>&)> on_out;
    std::deque<Handshake> faults;  ///< Answered to the next transactions, before the device sees them.
    bool wrong_toggle = false;     ///< All data packets come with the other toggle.
    std::optional<std::vector<std::uint8_t>> next_in_packet;  ///< Sent at the next IN, as it is.
    bool wants_resume = false;

    // --- what the test reads
    struct Event {
        char kind;  ///< 'S'etup, 'O'ut, 'I'n, 'F'rame, 'R'eset, 'r'eset end, 'K' resume, 'k' resume
                    ///< end.
        Time at;
        bool data1 = false;
        std::size_t length = 0;
        std::uint16_t frame = 0;
    };
    std::vector<Event> events;
    std::uint8_t address = 0;
    std::uint8_t configuration = 0;

    [[nodiscard]] std::vector<Event> of_kind(char kind) const {
        std::vector<Event> found;
        std::ranges::copy_if(events, std::back_inserter(found), [&](const Event& e) { return e.kind == kind; });
        return found;
    }

    // --- UsbPort
    bool attached() const override { return is_attached; }
    void begin_reset() override {
        note('R');
        address = configuration = 0;
    }
    void end_reset() override { note('r'); }
    void sof(std::uint16_t frame) override { note('F', false, 0, frame); }
    void begin_resume() override { note('K'); }
    void end_resume() override { note('k'); }
    bool drives_resume() const override { return wants_resume; }

    Handshake setup(std::uint8_t to, std::uint8_t, std::span<const std::uint8_t> bytes, bool data1) override {
        note('S', data1, bytes.size());
        if (to != address || !is_attached) return Handshake::none;
        if (const auto fault = take_fault()) return *fault;
        setup_ = {bytes[0], bytes[1], word(bytes, 2), word(bytes, 4), word(bytes, 6)};
        received_.clear();
        to_send_.reset();
        sent_ = 0;
        data1_ = true;
        stalled_ = false;
        if ((setup_.bmRequestType & 0x80) != 0 && setup_.wLength > 0) {
            to_send_ = on_in ? on_in(setup_) : std::nullopt;
            stalled_ = !to_send_;
            if (to_send_ && to_send_->size() > setup_.wLength) to_send_->resize(setup_.wLength);
        }
        return Handshake::ack;
    }

    Handshake out(std::uint8_t to, std::uint8_t, bool data1, std::span<const std::uint8_t> bytes) override {
        note('O', data1, bytes.size());
        if (to != address || !is_attached) return Handshake::none;
        if (const auto fault = take_fault()) return *fault;
        if (stalled_) return Handshake::stall;
        received_.insert(received_.end(), bytes.begin(), bytes.end());
        return Handshake::ack;
    }

    InAnswer in(std::uint8_t to, std::uint8_t, bool) override {
        note('I');
        if (to != address || !is_attached) return {};
        if (const auto fault = take_fault()) return {*fault, false, {}};
        if (stalled_) return {Handshake::stall, false, {}};
        const bool toggle = data1_ != wrong_toggle;
        const std::vector<std::uint8_t> empty;
        if (next_in_packet)
            return {Handshake::ack, toggle, std::exchange(next_in_packet, std::nullopt).value_or(empty)};
        if (!to_send_) return status();
        const auto length = std::min(max_packet_size, to_send_->size() - sent_);
        const auto first = to_send_->begin() + static_cast<std::ptrdiff_t>(sent_);
        sent_ += length;
        data1_ = !data1_;
        return {Handshake::ack, toggle, {first, first + static_cast<std::ptrdiff_t>(length)}};
    }

  private:
    static std::uint16_t word(std::span<const std::uint8_t> bytes, std::size_t at) {
        return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8);
    }

    InAnswer status() {
        const bool standard = setup_.bmRequestType == 0;
        const bool taken =
            standard && (setup_.bRequest == 5 || setup_.bRequest == 9) ? true : on_out && on_out(setup_, received_);
        if (!taken) return {Handshake::stall, false, {}};
        // The address is valid from the end of the status stage on (USB 2.0 section 9.4.6).
        if (standard && setup_.bRequest == 5) address = static_cast<std::uint8_t>(setup_.wValue);
        if (standard && setup_.bRequest == 9) configuration = static_cast<std::uint8_t>(setup_.wValue);
        return {Handshake::ack, !wrong_toggle, {}};
    }

    std::optional<Handshake> take_fault() {
        if (faults.empty()) return std::nullopt;
        const auto fault = faults.front();
        faults.pop_front();
        return fault;
    }

    void note(char kind, bool data1 = false, std::size_t length = 0, std::uint16_t frame = 0) {
        events.push_back({kind, clock_.now(), data1, length, frame});
    }

    FakeClock& clock_;
    flasher::SetupPacket setup_;
    std::vector<std::uint8_t> received_;
    std::optional<std::vector<std::uint8_t>> to_send_;
    std::size_t sent_ = 0;
    bool data1_ = true;
    bool stalled_ = false;
};

/// A host with an enabled port, its device at address 0.
struct Bench {
    FakeClock clock;
    FakePort port{clock};
    UsbHost host{port, clock};

    void enable() {
        host.wait_for_attach(200 * millisecond);
        host.reset_port();
        port.events.clear();
    }
};

}  // namespace sim::test
