// SPDX-License-Identifier: ISC
// The DFU session. Read download() first.
#include "flasher/dfu_client.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace flasher {
namespace {

using std::chrono::milliseconds;

constexpr std::uint8_t set_interface = 11;         // USB 2.0 table 9-4
constexpr std::uint8_t to_interface = 0x01;        // standard, host to device, interface
constexpr std::uint8_t class_to_interface = 0x21;  // class, host to device, interface
constexpr std::uint8_t class_from_interface = 0xA1;
constexpr milliseconds leave_limit{5'000};
constexpr milliseconds leave_by_itself_limit{1'000};
/// A system that looks for a driver first takes its time.
constexpr milliseconds return_limit{15'000};

// A device that reports a poll time of 0 while busy costs no waiting time, so patience also counts questions.
constexpr milliseconds cost_of_a_question{1};

std::string_view words_for(Outcome outcome) {
    switch (outcome) {
        case Outcome::stall:
            return "the device stalled";
        case Outcome::timeout:
            return "the device did not answer";
        case Outcome::gone:
            return "the device left the bus during";
        default:
            return "the device broke the USB protocol during";
    }
}

}  // namespace

DfuClient::DfuClient(Transport& transport, const InterfaceDescriptor& interface, DfuOptions options)
    : transport_(transport), interface_(interface), options_(options) {
    if (!interface.functional)
        throw DfuError(Failure::misuse, {.operation = "open", .block = {}, .offset = {}, .report = {}},
                       fmt::format("interface {} has no DFU functional descriptor", interface.bInterfaceNumber),
                       "choose a device with a DFU interface");
    functional_ = *interface.functional;
    transfer_size_ = options.transfer_size != 0 ? options.transfer_size : functional_.transfer_size;
    if (transfer_size_ == 0)
        throw DfuError(Failure::misuse, {.operation = "open", .block = {}, .offset = {}, .report = {}},
                       "the device states a wTransferSize of 0",
                       "give a transfer size by hand; 64 works with most devices");
}

Ending DfuClient::download(std::span<const std::uint8_t> image, const ProgressCallback& progress) {
    const FailurePoint point{.operation = "download", .block = {}, .offset = {}, .report = {}};
    if (image.empty()) throw DfuError(Failure::misuse, point, "the image is empty", "choose an image with content");
    if (!functional_.attributes.can_download)
        throw DfuError(Failure::misuse, point, "the device does not offer downloads (bitCanDnload)",
                       "choose another alternate setting or device");
    prepare();

    std::uint16_t block = 0;  // wraps as wBlockNum does, DFU 1.1 section 6.1.1
    for (std::size_t offset = 0; offset < image.size(); ++block) {
        if (progress) progress({Progress::Phase::download, offset, image.size()});
        const std::size_t length = std::min<std::size_t>(transfer_size_, image.size() - offset);
        send_block(block, offset, image.subspan(offset, length));
        offset += length;
    }
    if (progress) progress({Progress::Phase::download, image.size(), image.size()});

    const FailurePoint end{.operation = "download", .block = block, .offset = image.size(), .report = {}};
    const auto closing = send(DfuRequest::dnload, block);
    if (!closing.ok()) fail(end, closing.outcome, "the zero-length block that ends a download");
    return manifest(image.size(), progress);
}

void DfuClient::send_block(std::uint16_t block, std::size_t offset, std::span<const std::uint8_t> data) {
    const FailurePoint point{.operation = "download", .block = block, .offset = offset, .report = {}};
    const auto sent = send(DfuRequest::dnload, block, data);
    if (!sent.ok()) fail(point, sent.outcome, "DFU_DNLOAD");
    wait_for_block(point);
}

void DfuClient::wait_for_block(const FailurePoint& point) {
    milliseconds waited{0};
    for (;;) {
        DfuReport report;
        const auto outcome = try_get_status(report);
        if (outcome != Outcome::ok) fail(point, outcome, "DFU_GETSTATUS");
        if (report.status != DfuStatus::ok || report.state == DfuState::dfu_error) fail_with_report(point, report);
        if (report.state == DfuState::dfu_dnload_idle) return;
        if (report.state != DfuState::dfu_dnload_sync && report.state != DfuState::dfu_dnbusy)
            fail_with_report(point, report);
        be_patient(waited, report.poll_timeout, point);
        transport_.sleep(report.poll_timeout);
    }
}

Ending DfuClient::manifest(std::size_t size, const ProgressCallback& progress) {
    const FailurePoint point{.operation = "manifestation", .block = {}, .offset = {}, .report = {}};
    milliseconds waited{0};
    for (;;) {
        if (progress) progress({Progress::Phase::manifest, size, size});
        DfuReport report;
        const auto outcome = try_get_status(report);
        if (outcome != Outcome::ok) return silent_ending(point, outcome);
        if (report.status != DfuStatus::ok) fail_with_report(point, report);
        switch (report.state) {
            case DfuState::dfu_idle:
                // It may leave although it still answers: some wait for hosts that ask once more.
                if (functional_.attributes.will_detach && transport_.wait_until_gone(options_.leave_pause))
                    return Ending::left;
                return Ending::idle;
            case DfuState::dfu_manifest_sync:
            case DfuState::dfu_manifest:
                break;
            case DfuState::dfu_manifest_wait_reset:
                if (functional_.attributes.will_detach && transport_.wait_until_gone(leave_limit)) return Ending::left;
                // The device may well come back as something else: that is what the reset is for.
                static_cast<void>(transport_.bus_reset());
                return Ending::reset;
            default:
                fail_with_report(point, report);
        }
        be_patient(waited, report.poll_timeout + options_.manifest_pause, point);
        if (transport_.wait_until_gone(report.poll_timeout + options_.manifest_pause)) return Ending::left;
    }
}

// In dfuMANIFEST a device may be deaf (DFU 1.1 section 7): silence there is its leaving, provided that it does leave.
Ending DfuClient::silent_ending(const FailurePoint& point, Outcome outcome) {
    if (outcome == Outcome::gone) return Ending::left;
    if (functional_.attributes.will_detach && transport_.wait_until_gone(leave_limit)) return Ending::left;
    fail(point, outcome, "DFU_GETSTATUS");
}

std::vector<std::uint8_t> DfuClient::upload(std::size_t limit, const ProgressCallback& progress) {
    FailurePoint point{.operation = "upload", .block = {}, .offset = {}, .report = {}};
    if (!functional_.attributes.can_upload)
        throw DfuError(Failure::misuse, point, "the device does not offer uploads (bitCanUpload)",
                       "choose another alternate setting or device");
    prepare();

    std::vector<std::uint8_t> image;
    std::vector<std::uint8_t> data(transfer_size_);
    for (std::uint16_t block = 0; image.size() < limit; ++block) {
        if (progress) progress({Progress::Phase::upload, image.size(), 0});
        point.block = block;
        point.offset = image.size();
        auto got = query(DfuRequest::upload, block, data);
        // Maple's bootloader stalls where the flash ends with a block, and is in dfuIDLE, in place of an empty block.
        if (got.outcome == Outcome::stall && !image.empty() && get_status().state == DfuState::dfu_idle) got = {};
        if (!got.ok()) fail(point, got.outcome, "DFU_UPLOAD");
        const std::size_t kept = std::min(got.length, limit - image.size());
        image.insert(image.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(kept));
        if (got.length < transfer_size_) {
            if (progress) progress({Progress::Phase::upload, image.size(), image.size()});
            return image;
        }
    }
    abort();
    if (progress) progress({Progress::Phase::upload, image.size(), image.size()});
    return image;
}

void DfuClient::prepare() {
    const FailurePoint point{.operation = "opening", .block = {}, .offset = {}, .report = {}};
    select_alternate_setting();
    // Two steps lead from any state of DFU mode to dfuIDLE; a third question confirms it.
    constexpr int most_steps = 3;
    DfuReport report;
    for (int step = 0; step <= most_steps; ++step) {
        report = get_status();
        if (report.state == DfuState::dfu_idle && report.status == DfuStatus::ok) return;
        switch (report.state) {
            case DfuState::app_idle:
            case DfuState::app_detach:
                throw DfuError(Failure::misuse, {.operation = "opening", .block = {}, .offset = {}, .report = report},
                               "the device runs its application", "take it to DFU mode first");
            case DfuState::dfu_error:
            case DfuState::dfu_idle:
                clear_status();
                break;
            case DfuState::dfu_dnload_idle:
            case DfuState::dfu_upload_idle:
                abort();
                break;
            default:
                transport_.sleep(report.poll_timeout);
                break;
        }
    }
    throw DfuError(Failure::protocol, {.operation = "opening", .block = {}, .offset = {}, .report = report},
                   "the device does not come to dfuIDLE", "reset or reconnect it");
}

void DfuClient::select_alternate_setting() {
    const auto result = transport_.control_out({.bmRequestType = to_interface,
                                                .bRequest = set_interface,
                                                .wValue = interface_.bAlternateSetting,
                                                .wIndex = interface_.bInterfaceNumber,
                                                .wLength = 0},
                                               {});
    // A device with one setting may stall this (USB 2.0 section 9.4.10); any other setting must be taken.
    if (result.ok() || (result.outcome == Outcome::stall && interface_.bAlternateSetting == 0)) return;
    fail({.operation = "opening", .block = {}, .offset = {}, .report = {}}, result.outcome, "SET_INTERFACE");
}

void DfuClient::leave() {
    const auto sent = send(DfuRequest::detach, 1'000);
    if (sent.outcome == Outcome::gone) return;
    // A stalled DETACH is normal in DFU mode, where DFU 1.1 does not define it; the reset does the work then.
    const bool leaves_by_itself = sent.ok() && functional_.attributes.will_detach;
    if (transport_.wait_until_gone(leaves_by_itself ? leave_by_itself_limit : milliseconds(1))) return;
    static_cast<void>(transport_.bus_reset());
}

void DfuClient::enter_dfu() {
    const FailurePoint point{.operation = "detach", .block = {}, .offset = {}, .report = {}};
    const auto timeout =
        static_cast<std::uint16_t>(std::clamp<milliseconds::rep>(functional_.detach_timeout.count(), 1, 0xFFFF));
    const auto sent = send(DfuRequest::detach, timeout);
    if (!sent.ok() && sent.outcome != Outcome::gone) fail(point, sent.outcome, "DFU_DETACH");
    const bool by_itself = sent.outcome == Outcome::gone || functional_.attributes.will_detach;
    if (!by_itself && transport_.bus_reset() == Outcome::ok) return;
    if (!transport_.reopen(return_limit))
        throw DfuError(Failure::gone, point, "no device came back after DFU_DETACH", "reconnect it and try again");
}

DfuReport DfuClient::get_status() {
    DfuReport report;
    const auto outcome = try_get_status(report);
    if (outcome != Outcome::ok)
        fail({.operation = "status query", .block = {}, .offset = {}, .report = {}}, outcome, "DFU_GETSTATUS");
    return report;
}

Outcome DfuClient::try_get_status(DfuReport& report) {
    std::array<std::uint8_t, 6> bytes{};
    const auto got = query(DfuRequest::getstatus, 0, bytes);
    if (!got.ok()) return got.outcome;
    const auto parsed = parse_report(std::span(bytes).first(got.length));
    if (!parsed)
        throw DfuError(Failure::protocol, {.operation = "status query", .block = {}, .offset = {}, .report = {}},
                       fmt::format("the answer to DFU_GETSTATUS has {} bytes instead of 6", got.length),
                       "reset or reconnect the device");
    report = *parsed;
    return Outcome::ok;
}

DfuState DfuClient::get_state() {
    std::array<std::uint8_t, 1> byte{};
    const auto got = query(DfuRequest::getstate, 0, byte);
    if (!got.ok() || got.length != 1)
        fail({.operation = "state query", .block = {}, .offset = {}, .report = {}},
             got.ok() ? Outcome::fault : got.outcome, "DFU_GETSTATE");
    return static_cast<DfuState>(byte[0]);
}

void DfuClient::clear_status() {
    const auto sent = send(DfuRequest::clrstatus, 0);
    if (!sent.ok())
        fail({.operation = "clearing the status", .block = {}, .offset = {}, .report = {}}, sent.outcome,
             "DFU_CLRSTATUS");
}

void DfuClient::abort() {
    const auto sent = send(DfuRequest::abort, 0);
    if (!sent.ok()) fail({.operation = "abort", .block = {}, .offset = {}, .report = {}}, sent.outcome, "DFU_ABORT");
}

TransferResult DfuClient::send(DfuRequest request, std::uint16_t value, std::span<const std::uint8_t> data) {
    return transport_.control_out(setup(request, false, value, data.size()), data);
}

TransferResult DfuClient::query(DfuRequest request, std::uint16_t value, std::span<std::uint8_t> data) {
    auto result = transport_.control_in(setup(request, true, value, data.size()), data);
    result.length = std::min(result.length, data.size());
    return result;
}

SetupPacket DfuClient::setup(DfuRequest request, bool to_host, std::uint16_t value, std::size_t length) const {
    return {.bmRequestType = to_host ? class_from_interface : class_to_interface,
            .bRequest = static_cast<std::uint8_t>(request),
            .wValue = value,
            .wIndex = interface_.bInterfaceNumber,
            .wLength = static_cast<std::uint16_t>(length)};
}

void DfuClient::be_patient(milliseconds& waited, milliseconds poll_timeout, const FailurePoint& point) const {
    waited += poll_timeout + cost_of_a_question;
    if (waited <= options_.patience) return;
    throw DfuError(
        Failure::timeout, point,
        fmt::format("the device stayed busy, or asks to wait, for more than {} ms", options_.patience.count()),
        "reset or reconnect the device");
}

// After a stall the device knows why: ask it, so that the message says more than "stalled".
void DfuClient::fail(FailurePoint point, Outcome outcome, const std::string& request) {
    std::string next = "reset or reconnect the device and try again";
    if (outcome == Outcome::stall && request != "DFU_GETSTATUS") {
        std::array<std::uint8_t, 6> bytes{};
        const auto got = query(DfuRequest::getstatus, 0, bytes);
        if (got.ok()) point.report = parse_report(std::span(bytes).first(got.length));
        if (point.report && point.report->status != DfuStatus::ok) next = advice_for(point.report->status);
    }
    throw DfuError(failure_of(outcome), std::move(point), fmt::format("{} {}", words_for(outcome), request), next);
}

void DfuClient::fail_with_report(FailurePoint point, const DfuReport& report) {
    point.report = report;
    if (report.status != DfuStatus::ok)
        throw DfuError(Failure::refused, std::move(point), std::string(meaning_of(report.status)),
                       advice_for(report.status));
    throw DfuError(Failure::protocol, std::move(point), "the device is in a state that DFU 1.1 does not lead to here",
                   "reset or reconnect the device and try again");
}

}  // namespace flasher
