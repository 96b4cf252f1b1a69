// SPDX-License-Identifier: ISC
// Between USB/IP's words and those of the virtual bus.
#include "sim/serve/usbip/translation.hpp"

#include <utility>

#include "flasher/bytes.hpp"
#include "flasher/descriptors.hpp"

namespace sim::serve::usbip {

std::optional<DeviceFacts> facts_of(const ServedBoard& board) {
    if (!board.device()) return std::nullopt;
    const auto& device = board.device()->device;
    const auto configuration = flasher::parse_configuration(board.device()->configuration_descriptor);
    DeviceFacts facts{.bus_id = board.bus_id(),
                      .bus = 1,
                      .device = board.number() + 1,  // number 1 is the root hub's
                      .idVendor = device.idVendor,
                      .idProduct = device.idProduct,
                      .bcdDevice = device.bcdDevice,
                      .bDeviceClass = device.bDeviceClass,
                      .bDeviceSubClass = device.bDeviceSubClass,
                      .bDeviceProtocol = device.bDeviceProtocol,
                      .bConfigurationValue = configuration.bConfigurationValue,
                      .bNumConfigurations = device.bNumConfigurations,
                      .interfaces = {}};
    for (const auto& one : configuration.interfaces)
        if (one.bAlternateSetting == 0)
            facts.interfaces.push_back({one.bInterfaceClass, one.bInterfaceSubClass, one.bInterfaceProtocol});
    return facts;
}

std::optional<TransferRequest> request_of(Submit submit) {
    const bool in = submit.direction == Direction::in;
    const bool control = submit.endpoint == 0;
    TransferRequest request{.id = submit.sequence,
                            .endpoint = static_cast<std::uint8_t>(submit.endpoint | (in && !control ? 0x80 : 0)),
                            .setup = submit.setup,
                            .length = submit.length,
                            .data = std::move(submit.data),
                            .interval = submit.interval,
                            .all_wanted = (submit.flags & Submit::short_not_ok) != 0,
                            .zero_length_end = (submit.flags & Submit::zero_packet) != 0};
    const bool consistent =
        flasher::u16_at(request.setup, 6) == submit.length && (submit.length == 0 || request.to_host() == in);
    if (control && !consistent) return std::nullopt;
    return request;
}

TransferStatus status_of(TransferEnd end) {
    switch (end) {
        case TransferEnd::ok:
            return TransferStatus::ok;
        case TransferEnd::stall:
            return TransferStatus::stall;
        case TransferEnd::gone:
            return TransferStatus::gone;
        case TransferEnd::overrun:
            return TransferStatus::overflow;
        case TransferEnd::underrun:
            return TransferStatus::short_read;
        default:
            return TransferStatus::fault;
    }
}

}  // namespace sim::serve::usbip
