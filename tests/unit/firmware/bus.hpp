// SPDX-License-Identifier: ISC
// A host of few words for endpoint 0: control transfers, packet by packet, the device polled in between.
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>

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

    Bus(Endpoint0& endpoint, std::function<void()> poll) : endpoint_{endpoint}, poll_{std::move(poll)} {}

    void reset() {
        endpoint_.bus_reset();
        poll_();
    }

    Transfer in(const usb::Setup& setup) {
        Transfer transfer{send_setup(setup), {}, {}};
        if (transfer.result != Result::ok) return transfer;
        if (setup.wLength == 0) return finish(transfer, status_in());
        for (bool data1 = true;; data1 = !data1) {
            const auto packet = retry_in();
            if (!packet.has_value()) return finish(transfer, failure_);
            if (packet->data1 != data1) return finish(transfer, Result::protocol);
            transfer.packets.push_back(packet->data.size());
            transfer.data.insert(transfer.data.end(), packet->data.begin(), packet->data.end());
            if (transfer.data.size() > setup.wLength) return finish(transfer, Result::protocol);
            if (packet->data.size() < Endpoint0::packet_size || transfer.data.size() == setup.wLength)
                return finish(transfer, status_out());
        }
    }

    Transfer out(const usb::Setup& setup, const Packet& data = {}) {
        Transfer transfer{send_setup(setup), {}, {}};
        if (transfer.result != Result::ok) return transfer;
        bool data1 = true;
        for (std::size_t at = 0; at < data.size(); at += Endpoint0::packet_size, data1 = !data1) {
            const std::size_t length = std::min(Endpoint0::packet_size, data.size() - at);
            const auto from = data.begin() + static_cast<std::ptrdiff_t>(at);
            const Result result = retry_out(Packet(from, from + static_cast<std::ptrdiff_t>(length)), data1);
            if (result != Result::ok) return finish(transfer, result);
        }
        return finish(transfer, status_in());
    }

    // --- single stages, for hosts that break off ------------------------------------------------
    Result send_setup(const usb::Setup& setup) {
        std::array<std::uint8_t, 8> bytes{};
        std::memcpy(bytes.data(), &setup, sizeof setup);
        for (int attempt = 0; attempt < 3; ++attempt) {
            const Handshake handshake = endpoint_.setup(bytes);
            poll_();
            if (handshake == Handshake::ack) return Result::ok;
        }
        return Result::timeout;
    }
    Result status_in() {
        const auto packet = retry_in();
        if (!packet.has_value()) return failure_;
        return packet->data1 && packet->data.empty() ? Result::ok : Result::protocol;
    }
    Result status_out() { return retry_out({}, true); }
    Result data_out(const Packet& packet, bool data1) { return retry_out(packet, data1); }

  private:
    static constexpr int patience = 5;  ///< NAKs in a row that the device is given.

    static Transfer finish(Transfer transfer, Result result) {
        transfer.result = result;
        return transfer;
    }
    std::optional<Endpoint0::In> retry_in() {
        for (int attempt = 0; attempt < patience; ++attempt) {
            auto packet = endpoint_.in();
            poll_();
            if (packet.handshake == Handshake::ack) return packet;
            failure_ = packet.handshake == Handshake::stall ? Result::stall : Result::timeout;
            if (packet.handshake == Handshake::stall) break;
        }
        return std::nullopt;
    }
    Result retry_out(const Packet& data, bool data1) {
        for (int attempt = 0; attempt < patience; ++attempt) {
            const Handshake handshake = endpoint_.out(data, data1);
            poll_();
            if (handshake == Handshake::ack) return Result::ok;
            if (handshake == Handshake::stall) return Result::stall;
        }
        return Result::timeout;
    }

    Endpoint0& endpoint_;
    std::function<void()> poll_;
    Result failure_ = Result::ok;
};

}  // namespace firmware_test
