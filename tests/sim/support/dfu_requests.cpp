// SPDX-License-Identifier: ISC
// Setup packets of DFU 1.1 table 3.1.
#include "tests/sim/support/dfu_requests.hpp"

#include <algorithm>

namespace sim::test {

using flasher::DfuReport;
using flasher::DfuRequest;
using flasher::DfuState;

TransferEnd DfuRequests::raw_out(std::uint8_t request, std::uint16_t value, std::span<const std::uint8_t> data,
                                 std::uint16_t index) {
    return host_
        .control_out({.bmRequestType = 0x21,
                      .bRequest = request,
                      .wValue = value,
                      .wIndex = index,
                      .wLength = static_cast<std::uint16_t>(data.size())},
                     data)
        .end;
}

Uploaded DfuRequests::raw_in(std::uint8_t request, std::uint16_t value, std::uint16_t length, std::uint16_t index) {
    Uploaded got{.end = TransferEnd::ok, .bytes = std::vector<std::uint8_t>(length)};
    const auto result = host_.control_in(
        {.bmRequestType = 0xA1, .bRequest = request, .wValue = value, .wIndex = index, .wLength = length}, got.bytes);
    got.end = result.end;
    got.bytes.resize(result.length);
    return got;
}

TransferEnd DfuRequests::dnload(std::uint16_t block, std::span<const std::uint8_t> bytes) {
    return raw_out(static_cast<std::uint8_t>(DfuRequest::dnload), block, bytes);
}

Uploaded DfuRequests::upload(std::uint16_t block, std::uint16_t length) {
    return raw_in(static_cast<std::uint8_t>(DfuRequest::upload), block, length);
}

std::optional<DfuReport> DfuRequests::get_status() {
    const auto got = raw_in(static_cast<std::uint8_t>(DfuRequest::getstatus), 0, 6);
    if (got.end != TransferEnd::ok) return std::nullopt;
    return flasher::parse_report(got.bytes);
}

std::optional<DfuState> DfuRequests::get_state() {
    const auto got = raw_in(static_cast<std::uint8_t>(DfuRequest::getstate), 0, 1);
    if (got.end != TransferEnd::ok || got.bytes.size() != 1) return std::nullopt;
    return static_cast<DfuState>(got.bytes[0]);
}

std::optional<DfuReport> DfuRequests::settle() {
    auto report = get_status();
    while (report && (report->state == DfuState::dfu_dnbusy || report->state == DfuState::dfu_manifest)) {
        host_.advance(report->poll_timeout);
        report = get_status();
    }
    return report;
}

std::optional<DfuReport> DfuRequests::send_block(std::uint16_t block, std::span<const std::uint8_t> bytes) {
    if (dnload(block, bytes) != TransferEnd::ok) return get_status();
    return settle();
}

std::optional<DfuReport> DfuRequests::send_image(std::span<const std::uint8_t> image, std::size_t size) {
    std::uint16_t block = 0;
    std::optional<DfuReport> report;
    for (std::size_t at = 0; at < image.size(); at += size) {
        report = send_block(block++, image.subspan(at, std::min(size, image.size() - at)));
        if (!report || report->status != flasher::DfuStatus::ok) return report;
    }
    if (dnload_end(block) != TransferEnd::ok) return get_status();
    return report;
}

}  // namespace sim::test
