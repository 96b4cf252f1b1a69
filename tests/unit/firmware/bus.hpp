// SPDX-License-Identifier: ISC
// The virtual host at endpoint 0: its control transfers, and single stages of them for hosts that break off. The device
// is polled after each transaction, and is never busy otherwise.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <span>
#include <vector>

#include "sim/usb/host.hpp"
#include "tests/unit/firmware/endpoint0.hpp"
#include "usb/chapter9.hpp"

namespace firmware_test {

enum class Result {
    ok,
    stall,
    timeout,   ///< No answer, or NAK for ever.
    protocol,  ///< Wrong toggle, too much data, data where none may be.
};

struct Transfer {
    Result result;
    Endpoint0::Packet data;
    std::vector<std::size_t> packets;  ///< Lengths, in order.
};

class Bus {
  public:
    using Packet = Endpoint0::Packet;

    Bus(Endpoint0& endpoint, std::function<void()> poll) : port_{endpoint, std::move(poll)} { host_.talk_to(0, 64); }
    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;

    void reset() { host_.reset_port(); }

    Transfer in(const usb::Setup& setup) {
        port_.lengths.clear();
        Packet data(setup.wLength);
        const auto result = host_.control_in(packet_of(setup), data);
        data.resize(result.length);
        return {result_of(result.end), std::move(data), port_.lengths};
    }
    Transfer out(const usb::Setup& setup, const Packet& data = {}) {
        return {result_of(host_.control_out(packet_of(setup), data).end), {}, {}};
    }

    // --- single stages, for hosts that break off ------------------------------------------------
    Result send_setup(const usb::Setup& setup) {
        std::array<std::uint8_t, 8> bytes{};
        std::memcpy(bytes.data(), &setup, sizeof setup);
        return retry([&] { return host_.raw_setup(0, 0, bytes); });
    }
    Result status_in() {
        sim::InAnswer answer;
        const Result result = retry([&] { return (answer = host_.raw_in(0, 0)).handshake; });
        return result == Result::ok && (!answer.data1 || !answer.bytes.empty()) ? Result::protocol : result;
    }
    Result status_out() { return data_out({}, true); }
    Result data_out(const Packet& packet, bool data1) {
        return retry([&] { return host_.raw_out(0, 0, data1, packet); });
    }

  private:
    /// The endpoint's wire. Every address reaches it: which one the device has, tests ask the endpoint.
    struct Port : sim::UsbPort {
        Port(Endpoint0& endpoint, std::function<void()> device) : endpoint_{endpoint}, poll_{std::move(device)} {}

        bool attached() const override { return true; }
        void begin_reset() override { endpoint_.bus_reset(); }
        void end_reset() override { poll_(); }
        void sof(std::uint16_t) override {}
        void begin_resume() override {}
        void end_resume() override {}
        bool drives_resume() const override { return false; }
        Handshake setup(std::uint8_t, std::uint8_t, std::span<const std::uint8_t> bytes, bool) override {
            std::array<std::uint8_t, 8> packet{};
            std::ranges::copy(bytes, packet.begin());
            return polled(endpoint_.setup(packet));
        }
        Handshake out(std::uint8_t, std::uint8_t, bool data1, std::span<const std::uint8_t> bytes) override {
            return polled(endpoint_.out({bytes.begin(), bytes.end()}, data1));
        }
        sim::InAnswer in(std::uint8_t, std::uint8_t, bool acknowledge) override {
            auto answer = endpoint_.in(acknowledge);
            poll_();
            if (answer.handshake == Handshake::ack) lengths.push_back(answer.bytes.size());
            return answer;
        }

        std::vector<std::size_t> lengths;  ///< Of packets that came from the device.

      private:
        Handshake polled(Handshake handshake) {
            poll_();
            return handshake;
        }
        Endpoint0& endpoint_;
        std::function<void()> poll_;
    };
    /// Time that passes when it is asked to, and costs nothing.
    struct Clock : sim::BusClock {
        sim::Time now() const override { return now_; }
        void run_until(sim::Time when) override { now_ = std::max(now_, when); }
        sim::Time now_{};
    };

    // A device that is never busy need not be waited for: 4 KiB take 4 ms on the wire.
    static constexpr sim::HostTiming timing{.submission = {},
                                            .start_at_frame = false,
                                            .transfer_timeout = 20 * sim::millisecond,
                                            .reset = {},
                                            .recovery = {},
                                            .sense = sim::millisecond};
    static constexpr int patience = 5;  ///< Tries of a single stage.

    static flasher::SetupPacket packet_of(const usb::Setup& setup) {
        return {setup.bmRequestType, setup.bRequest, setup.wValue, setup.wIndex, setup.wLength};
    }
    static Result result_of(sim::TransferEnd end) {
        switch (end) {
            case sim::TransferEnd::ok:
                return Result::ok;
            case sim::TransferEnd::stall:
                return Result::stall;
            case sim::TransferEnd::timeout:
            case sim::TransferEnd::gone:
            case sim::TransferEnd::no_response:
                return Result::timeout;
            default:
                return Result::protocol;
        }
    }
    template <class Transaction>
    static Result retry(const Transaction& transaction) {
        for (int attempt = 0; attempt < patience; ++attempt) {
            const Handshake handshake = transaction();
            if (handshake == Handshake::ack) return Result::ok;
            if (handshake == Handshake::stall) return Result::stall;
        }
        return Result::timeout;
    }

    Port port_;
    Clock clock_;
    sim::UsbHost host_{port_, clock_, timing};
};

}  // namespace firmware_test
