// SPDX-License-Identifier: ISC
// The flasher's transport over the virtual host.
#include "sim/usb/dfu_transport.hpp"

#include <utility>

namespace sim {
namespace {

EnumeratedDevice open(UsbHost& host, Time limit) {
    if (!host.wait_for_attach(limit)) throw EnumerationError("no device attached to the bus in time");
    return enumerate(host);
}

}  // namespace

HostTransport::HostTransport(UsbHost& host, Time limit) : host_(host), device_(open(host, limit)) {}

HostTransport::HostTransport(UsbHost& host, EnumeratedDevice device) : host_(host), device_(std::move(device)) {}

flasher::TransferResult HostTransport::control_in(const flasher::SetupPacket& setup, std::span<std::uint8_t> data) {
    return convert(host_.control_in(setup, data));
}

flasher::TransferResult HostTransport::control_out(const flasher::SetupPacket& setup,
                                                   std::span<const std::uint8_t> data) {
    return convert(host_.control_out(setup, data));
}

void HostTransport::sleep(std::chrono::milliseconds duration) {
    host_.advance(duration);
}

flasher::Outcome HostTransport::bus_reset() {
    auto device = reset_and_restore(host_, device_);
    if (!device) return flasher::Outcome::gone;
    device_ = std::move(*device);
    return flasher::Outcome::ok;
}

bool HostTransport::wait_until_gone(std::chrono::milliseconds limit) {
    return host_.wait_for_detach(limit);
}

bool HostTransport::reopen(std::chrono::milliseconds limit) {
    const Time end = host_.now() + limit;
    while (host_.now() < end) {
        try {
            device_ = open(host_, end - host_.now());
            return true;
        } catch (const EnumerationError&) {
            host_.advance(100 * millisecond);
        }
    }
    return false;
}

flasher::TransferResult HostTransport::convert(sim::TransferResult result) {
    using flasher::Outcome;
    if (!result.ok()) last_detail_ = std::move(result.detail);
    switch (result.end) {
        case TransferEnd::ok:
            return {Outcome::ok, result.length};
        case TransferEnd::stall:
            return {Outcome::stall, result.length};
        case TransferEnd::timeout:
            return {Outcome::timeout, result.length};
        // A chip that was reset with its pull-up in place is attached and deaf: nobody is at that address.
        case TransferEnd::no_response:
        case TransferEnd::gone:
            return {Outcome::gone, result.length};
        case TransferEnd::violation:
        case TransferEnd::overrun:
        case TransferEnd::underrun:
            break;
    }
    return {Outcome::fault, result.length};
}

}  // namespace sim
