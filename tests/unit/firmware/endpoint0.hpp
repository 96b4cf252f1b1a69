// SPDX-License-Identifier: ISC
// Endpoint 0 of the USB full-speed device interface, from both ends: the register and the packet memory as the firmware
// sees them, handshakes as the host sees them (RM0008 section 23.4.2 and 23.5.2).
//
// Stricter than silicon: buffers that change places while the hardware may be using them are an exception.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "chip/usb.hpp"
#include "sim/usb/port.hpp"

namespace firmware_test {

/// The firmware did to the endpoint what it must never do.
struct EndpointMisuse : std::logic_error {
    using std::logic_error::logic_error;
};

using sim::Handshake;

class Endpoint0 {
  public:
    using Packet = std::vector<std::uint8_t>;
    static constexpr std::size_t packet_size = 64;

    // --- what the host does ----------------------------------------------------------------------
    void bus_reset() {
        // STAT and DTOG are cleared, CTR is kept (RM0008 section 23.5.2).
        epr_ = static_cast<std::uint16_t>(epr_ & (ctr_rx | ctr_tx));
        reset_ = true;
        address_ = 0;
        enabled_ = false;
    }

    /// A SETUP packet is always taken by an endpoint that is not disabled, except while an earlier
    /// packet waits to be served: then the hardware keeps silent, and the host tries again.
    Handshake setup(const std::array<std::uint8_t, 8>& data) {
        if (!listens() || stat_rx() == 0 || (epr_ & ctr_rx) != 0) return Handshake::none;
        receive(Packet(data.begin(), data.end()));
        epr_ = static_cast<std::uint16_t>((epr_ & ~(stat_rx_bits | stat_tx_bits)) | nak_rx | nak_tx | setup_bit |
                                          ctr_rx | dtog_rx | dtog_tx);
        return Handshake::ack;
    }

    /// @param data1  the packet's toggle; one that is not expected is acknowledged and dropped
    Handshake out(const Packet& data, bool data1) {
        if (!listens() || stat_rx() == 0) return Handshake::none;
        if (stat_rx() == 1) return Handshake::stall;
        if (stat_rx() == 2) return Handshake::nak;
        if (((epr_ & dtog_rx) != 0) != data1) return Handshake::ack;
        if ((epr_ & ctr_rx) != 0) throw EndpointMisuse("valid while a packet waits");
        receive(data);
        epr_ = static_cast<std::uint16_t>(((epr_ & ~(stat_rx_bits | setup_bit)) | nak_rx | ctr_rx) ^ dtog_rx);
        return Handshake::ack;
    }

    /// @param acknowledged  false: the host's handshake is lost, and the packet stays
    sim::InAnswer in(bool acknowledged = true) {
        if (!listens() || stat_tx() == 0) return {};
        if (stat_tx() == 1) return {Handshake::stall, false, {}};
        if (stat_tx() == 2) return {Handshake::nak, false, {}};
        const sim::InAnswer result{Handshake::ack, (epr_ & dtog_tx) != 0, tx_[sent_]};
        if (acknowledged) {
            epr_ = static_cast<std::uint16_t>(((epr_ & ~stat_tx_bits) | nak_tx | ctr_tx) ^ dtog_tx);
        }
        return result;
    }

    // --- what the firmware does ------------------------------------------------------------------
    bool take_reset() { return std::exchange(reset_, false); }

    /// As drivers::UsbFs::open_endpoint: what it writes toggles STAT bits that a reset has cleared.
    void open() {
        write(static_cast<std::uint16_t>(control | nak_rx | nak_tx));
        offered_ = 0;
        set_address(0);
    }
    void set_address(std::uint8_t address) {
        address_ = address;
        enabled_ = true;
    }
    [[nodiscard]] std::uint16_t read() {
        const std::uint16_t value = epr_;
        if (auto event = std::exchange(after_read, nullptr)) event();
        return value;
    }
    void write(std::uint16_t value) {
        const auto toggled = static_cast<std::uint16_t>((epr_ ^ value) & toggles);
        const auto kept = static_cast<std::uint16_t>(epr_ & value & (ctr_rx | ctr_tx));
        const auto plain = static_cast<std::uint16_t>(value & plain_bits);
        epr_ = static_cast<std::uint16_t>(toggled | kept | plain | (epr_ & setup_bit));
    }
    [[nodiscard]] std::uint32_t received() const {
        require_packet();
        return static_cast<std::uint32_t>(count_);  // one COUNT0_RX for both buffers
    }
    /// Only while a packet waits is it certain that the hardware does not write to the buffer.
    void swap_receive_buffers() {
        require_packet();
        offered_ ^= 1;
    }
    /// By half-words, as packet memory has it: behind an odd number of bytes one more is written.
    void unload(std::uint8_t* data, std::uint32_t length) const {
        const Packet& taken = rx_[offered_ ^ 1];
        if (length > taken.size()) throw EndpointMisuse("read past the end of the received packet");
        for (std::uint32_t i = 0; i < (length + 1) / 2 * 2; ++i)
            data[i] = i < taken.size() ? taken[i] : 0xEE;
    }
    void load(const std::uint8_t* data, std::uint32_t length) {
        if (length > packet_size) throw EndpointMisuse("loaded more than a packet");
        tx_[sent_ ^ 1].assign(data, data + length);
    }
    /// What was loaded last is sent next; or nothing but an empty packet.
    void transmit(std::uint32_t length) {
        // A SETUP that comes between the firmware's read of EPnR and its write finds the packet of the transfer that it
        // ends made valid; that one is overwritten when the SETUP is served.
        const bool setup_waits = (epr_ & ctr_rx) != 0 && (epr_ & setup_bit) != 0;
        if (stat_tx() == 3 && !setup_waits) throw EndpointMisuse("changed while a packet may be on the wire");
        sent_ ^= 1;
        if (length != 0 && length != tx_[sent_].size()) throw EndpointMisuse("sends another packet than was loaded");
        tx_[sent_].resize(length);
    }

    /// Happens once, between the firmware's next read of EPnR and the write that follows.
    std::function<void()> after_read;

    // --- what the test sees ----------------------------------------------------------------------
    [[nodiscard]] std::uint8_t address() const { return address_; }
    [[nodiscard]] std::uint16_t value() const { return epr_; }
    [[nodiscard]] bool waiting() const { return (epr_ & (ctr_rx | ctr_tx)) != 0 || reset_; }

  private:
    // EPnR by RM0008 section 23.5.2, written down a second time: the firmware's names are under test.
    static constexpr std::uint16_t ctr_rx = 1 << 15, dtog_rx = 1 << 14, setup_bit = 1 << 11, ctr_tx = 1 << 7,
                                   dtog_tx = 1 << 6;
    static constexpr std::uint16_t stat_rx_bits = 3 << 12, stat_tx_bits = 3 << 4;
    static constexpr std::uint16_t nak_rx = 2 << 12, nak_tx = 2 << 4, control = 1 << 9;
    static constexpr std::uint16_t toggles = stat_rx_bits | dtog_rx | stat_tx_bits | dtog_tx;
    static constexpr std::uint16_t plain_bits = 0x070F;  ///< EP_TYPE, EP_KIND, EA

    [[nodiscard]] bool listens() const { return enabled_ && (epr_ & plain_bits) == control; }
    [[nodiscard]] unsigned stat_rx() const { return epr_ >> 12 & 3U; }
    [[nodiscard]] unsigned stat_tx() const { return epr_ >> 4 & 3U; }
    void receive(Packet packet) {
        if (packet.size() > packet_size) throw EndpointMisuse("the host sent more than a packet");
        count_ = packet.size();
        rx_[offered_] = std::move(packet);
    }
    void require_packet() const {
        if ((epr_ & ctr_rx) == 0) throw EndpointMisuse("read a packet that is not there any more");
    }

    std::uint16_t epr_ = 0;
    bool reset_ = false;
    bool enabled_ = false;
    std::uint8_t address_ = 0;
    std::size_t offered_ = 0;  ///< The receive buffer that the next packet goes to.
    std::array<Packet, 2> rx_;
    std::size_t count_ = 0;
    std::size_t sent_ = 0;  ///< The transmit buffer that the next IN is answered from.
    std::array<Packet, 2> tx_;
};

/// The endpoint in the shape of the firmware's driver, which is a set of statics.
struct FakeUsb {
    using Epr = chip::Epr;
    using Stat = chip::Stat;
    static inline Endpoint0* endpoint0 = nullptr;
    static inline std::array<std::uint32_t, 3> id{};

    static bool take_reset() { return endpoint0->take_reset(); }
    static void open_endpoint() { endpoint0->open(); }
    static void set_address(std::uint8_t address) { endpoint0->set_address(address); }
    static Epr endpoint() { return {endpoint0->read()}; }
    static void write_endpoint(Epr epr) { endpoint0->write(epr.value); }
    static std::uint32_t received() { return endpoint0->received(); }
    static void swap_receive_buffers() { endpoint0->swap_receive_buffers(); }
    static void unload(std::uint8_t* data, std::uint32_t length) { endpoint0->unload(data, length); }
    static void load(const std::uint8_t* data, std::uint32_t length) { endpoint0->load(data, length); }
    static void transmit(std::uint32_t length) { endpoint0->transmit(length); }
    static const std::uint32_t* unique_id() { return id.data(); }
};

}  // namespace firmware_test
