// SPDX-License-Identifier: ISC
// The whole device on this machine: control endpoint, device, DFU interface and update as the firmware joins them, on
// fake flash and fake endpoint, with a host at the other end.
#pragma once

#include "config/layout.hpp"
#include "dfu/interface.hpp"
#include "tests/unit/firmware/bus.hpp"
#include "tests/unit/firmware/images.hpp"
#include "usb/device.hpp"

namespace firmware_test {

using dfu::Request;
using dfu::State;
using dfu::Status;

inline constexpr dfu::Attributes detaching{true, true, true};
inline constexpr dfu::Attributes tolerant{true, true, false};

/// The board's identity, as boot/bootloader.hpp makes it.
template <dfu::Attributes attributes, std::uint16_t transfer_size>
inline constexpr usb::Identity identity_of{
    .vendor_id = config::board.usb.vendor_id,
    .product_id = config::board.usb.product_id,
    .vendor = config::board.usb.vendor,
    .product = config::board.usb.product,
    .interface = config::board.usb.interface,
    .refused_settings = {},
    .landing_page = config::board.usb.landing_page,
    .dfu_attributes = attributes.bits(),
    .transfer_size = transfer_size,
    .alternate = config::board.dfu.alternate,
    .bcd_device = 0x1234,
    .microsoft_os_10 = true,
    .high_memory = false,
    .page_size = 1,
    .application_base = 0x0800'2000,
    .application_end = 0x0802'0000,
};

/// The same, of a device whose applications lie there.
template <dfu::Attributes attributes, dfu::Placement place>
inline constexpr usb::Identity identity_at = [] {
    usb::Identity identity = identity_of<attributes, static_cast<std::uint16_t>(place.transfer_size)>;
    identity.high_memory = place.high_memory;
    identity.page_size = static_cast<std::uint8_t>(place.page / 1024);
    identity.application_base = place.application_base;
    return identity;
}();

/// Bytes of a DFU_GETSTATUS answer (DFU 1.1 section 6.1.2).
struct StatusReply {
    Status status;
    unsigned poll_timeout_ms;
    State state;
};

template <class L, dfu::Attributes attributes = detaching>
class TestDevice {
  public:
    static constexpr dfu::Placement place = L::place;
    static constexpr auto block = static_cast<std::uint16_t>(place.transfer_size);
    using Update = typename L::Update;
    using Interface = dfu::Interface<Update, attributes, place.transfer_size>;
    using Device = usb::Device<FakeUsb, Interface, identity_at<attributes, place>>;

    ChipFlash flash{place};
    Endpoint0 endpoint;
    Bus bus{endpoint, [this] { poll(); }};
    bool left = false;  ///< Since leaves(): the firmware has reset the chip; nothing answers any more.

    TestDevice() {
        FakeUsb::endpoint0 = &endpoint;
        FakeUsb::id = {0x03020100, 0x07060504, 0x0B0A09F8};
        start();
    }
    ~TestDevice() { FakeUsb::endpoint0 = nullptr; }
    TestDevice(const TestDevice&) = delete;
    TestDevice& operator=(const TestDevice&) = delete;

    /// Power on, into DFU.
    void start() {
        flash.power_on();
        endpoint = Endpoint0{};
        control_.emplace();
        left = false;
        reset();
    }

    /// A bus reset, and the configuration that every host sets: without it there are no interfaces.
    void reset() {
        bus.reset();
        (void)bus.out({0x00, 9, 1, 0, 0});
    }

    void poll() {
        if (!left) control_->poll();
    }

    /// The host is silent for a quarter of a second: says whether the firmware then leaves the bus and resets the chip.
    bool leaves() {
        if (left || !control_->function().interface().leaving()) return left;
        endpoint = Endpoint0{};
        return left = true;
    }

    // --- DFU requests ----------------------------------------------------------------------------
    static usb::Setup dfu_out(Request request, std::uint16_t wValue = 0, std::uint16_t wLength = 0) {
        return {0x21, static_cast<std::uint8_t>(request), wValue, 0, wLength};
    }
    static usb::Setup dfu_in(Request request, std::uint16_t wValue, std::uint16_t wLength) {
        return {0xA1, static_cast<std::uint8_t>(request), wValue, 0, wLength};
    }
    Result dnload(std::uint16_t number, const Image& data) {
        const auto length = static_cast<std::uint16_t>(data.size());
        return bus.out(dfu_out(Request::DFU_DNLOAD, number, length), data).result;
    }
    Transfer upload(std::uint16_t number, std::uint16_t length = block) {
        return bus.in(dfu_in(Request::DFU_UPLOAD, number, length));
    }
    Result request(Request request) { return bus.out(dfu_out(request)).result; }

    std::optional<StatusReply> status() {
        const Transfer reply = bus.in(dfu_in(Request::DFU_GETSTATUS, 0, 6));
        if (reply.result != Result::ok || reply.data.size() != 6) return std::nullopt;
        unsigned poll_timeout_ms = 0;
        for (std::size_t i = 3; i > 0; --i)
            poll_timeout_ms = poll_timeout_ms << 8 | reply.data[i];
        return StatusReply{static_cast<Status>(reply.data[0]), poll_timeout_ms, static_cast<State>(reply.data[4])};
    }
    std::optional<State> state() {
        const Transfer reply = bus.in(dfu_in(Request::DFU_GETSTATE, 0, 1));
        if (reply.result != Result::ok || reply.data.size() != 1) return std::nullopt;
        return static_cast<State>(reply.data[0]);
    }

    // --- what a host does with them --------------------------------------------------------------
    /// GETSTATUS until the device is not busy.
    StatusReply settle() {
        for (int polls = 0; polls < 8; ++polls) {
            const auto reply = status();
            if (!reply) return {Status::errUNKNOWN, 0, State::dfuERROR};
            if (reply->state != State::dfuDNBUSY && reply->state != State::dfuDNLOAD_SYNC) return *reply;
        }
        return {Status::errUNKNOWN, 0, State::dfuDNBUSY};
    }
    /// All blocks, without the end.
    Status send_blocks(const Image& image) {
        std::uint16_t number = 0;
        for (std::size_t at = 0; at < image.size(); at += block) {
            const auto from = image.begin() + static_cast<std::ptrdiff_t>(at);
            const auto length = std::min<std::size_t>(block, image.size() - at);
            const Image data(from, from + static_cast<std::ptrdiff_t>(length));
            const Result sent = dnload(number++, data);
            const StatusReply reply = settle();
            if (reply.status != Status::OK) return reply.status;
            if (sent != Result::ok) return Status::errUNKNOWN;
        }
        return Status::OK;
    }
    /// A whole download until the device is idle again.
    Status download(const Image& image) {
        const Status sent = send_blocks(image);
        if (sent != Status::OK) return sent;
        if (dnload(0, {}) != Result::ok) return Status::errSTALLEDPKT;
        const StatusReply done = settle();
        return done.state == State::dfuIDLE ? done.status : Status::errUNKNOWN;
    }
    [[nodiscard]] Image installed(std::size_t size) const { return uploaded<Update>(size, place.transfer_size); }

  private:
    std::optional<typename Device::Control> control_;
};

}  // namespace firmware_test
