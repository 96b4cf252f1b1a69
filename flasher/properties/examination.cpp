// SPDX-License-Identifier: ISC
// Requests and sequences over the transport.
#include "flasher/properties/examination.hpp"

#include <algorithm>
#include <random>

namespace flasher::properties {
namespace {

constexpr std::uint8_t class_from_interface = 0xA1, class_to_interface = 0x21;
constexpr int longest_settling = 100;  // questions

}  // namespace

std::string_view name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::ok:
            return "taken";
        case Outcome::stall:
            return "stalled";
        case Outcome::timeout:
            return "not answered";
        case Outcome::gone:
            return "sent to a device that was gone";
        case Outcome::fault:
            break;
    }
    return "answered against the rules of USB";
}

Examination::Examination(const Subject& the_subject) : subject(the_subject) {
    read_configuration();
}

void Examination::read_configuration() {
    const auto configuration = parse_configuration(descriptor(0x0200));
    const auto interfaces = dfu_interfaces(configuration);
    expect(!interfaces.empty(), "the configuration has no interface in DFU mode");
    interface_ = interfaces.front();
    functional_ = require(interface_.functional, "the DFU interface has no functional descriptor");
    expect(transfer_size() != 0, "wTransferSize is 0");
}

void Examination::expect_state(DfuState state) {
    const DfuState seen = get_state();
    expect(seen == state, "the state is {}, not {}", flasher::name_of(seen), flasher::name_of(state));
}

void Examination::expect_refused(DfuStatus status) {
    const auto report = get_status();
    expect(report.state == DfuState::dfu_error && report.status == status, "the device reports {} in {}, not {} in {}",
           flasher::name_of(report.status), flasher::name_of(report.state), flasher::name_of(status),
           flasher::name_of(DfuState::dfu_error));
    expect(report.poll_timeout.count() == 0, "in dfuERROR bwPollTimeout is {} ms", report.poll_timeout.count());
    expect(dfu_out(DfuRequest::clrstatus) == Outcome::ok, "CLRSTATUS is not taken in dfuERROR");
    expect_state(DfuState::dfu_idle);
}

Answer Examination::in(std::uint8_t bmRequestType, std::uint8_t bRequest, std::uint16_t wValue, std::uint16_t wIndex,
                       std::uint16_t wLength) {
    Answer answer{.outcome = Outcome::ok, .bytes = Image(wLength)};
    const auto result = subject.transport.control_in({bmRequestType, bRequest, wValue, wIndex, wLength}, answer.bytes);
    answer.outcome = result.outcome;
    answer.bytes.resize(result.length);
    return answer;
}

Outcome Examination::out(std::uint8_t bmRequestType, std::uint8_t bRequest, std::uint16_t wValue, std::uint16_t wIndex,
                         std::span<const std::uint8_t> data) {
    const auto length = static_cast<std::uint16_t>(data.size());
    return subject.transport.control_out({bmRequestType, bRequest, wValue, wIndex, length}, data).outcome;
}

Answer Examination::dfu_in(DfuRequest request, std::uint16_t wValue, std::uint16_t wLength) {
    return in(class_from_interface, static_cast<std::uint8_t>(request), wValue, interface_.bInterfaceNumber, wLength);
}

Outcome Examination::dfu_out(DfuRequest request, std::uint16_t wValue, std::span<const std::uint8_t> data) {
    return out(class_to_interface, static_cast<std::uint8_t>(request), wValue, interface_.bInterfaceNumber, data);
}

Outcome Examination::dnload(std::size_t block, std::span<const std::uint8_t> data) {
    return dfu_out(DfuRequest::dnload, static_cast<std::uint16_t>(block), data);
}

Answer Examination::upload(std::size_t block, std::size_t length) {
    return dfu_in(DfuRequest::upload, static_cast<std::uint16_t>(block), static_cast<std::uint16_t>(length));
}

DfuReport Examination::get_status() {
    const auto answer = dfu_in(DfuRequest::getstatus, 0, 6);
    expect(answer.ok(), "GETSTATUS is {}", name_of(answer.outcome));
    return require(parse_report(answer.bytes), "GETSTATUS is answered with {} bytes", answer.bytes.size());
}

DfuState Examination::get_state() {
    const auto answer = dfu_in(DfuRequest::getstate, 0, 1);
    expect(answer.ok(), "GETSTATE is {}", name_of(answer.outcome));
    expect(answer.bytes.size() == 1, "GETSTATE is answered with {} bytes", answer.bytes.size());
    return static_cast<DfuState>(answer.bytes[0]);
}

Image Examination::descriptor(std::uint16_t wValue, std::uint16_t wLength) {
    const std::uint16_t language = (wValue >> 8) == 3 && wValue != 0x0300 ? 0x0409 : 0;
    // More than 4 KiB is what no host asks for.
    const auto answer = in(0x80, 6, wValue, language, std::min<std::uint16_t>(wLength, 4096));
    expect(answer.ok(), "GET_DESCRIPTOR of 0x{:04X} is {}", wValue, name_of(answer.outcome));
    return answer.bytes;
}

void Examination::make_idle() {
    for (int attempts = 0; attempts < 4; ++attempts) {
        const DfuReport report = settle();
        if (report.state == DfuState::dfu_idle) return;
        // What has no other way out is stalled into dfuERROR by the ABORT.
        const bool error = report.state == DfuState::dfu_error;
        static_cast<void>(dfu_out(error ? DfuRequest::clrstatus : DfuRequest::abort));
        if (get_state() == DfuState::dfu_idle) return;
    }
    expect_state(DfuState::dfu_idle);
}

DfuReport Examination::settle() {
    for (int asked = 0; asked < longest_settling; ++asked) {
        const auto report = get_status();
        const bool busy = report.state == DfuState::dfu_dnbusy || report.state == DfuState::dfu_dnload_sync ||
                          report.state == DfuState::dfu_manifest || report.state == DfuState::dfu_manifest_sync;
        if (!busy) return report;
        subject.transport.sleep(report.poll_timeout);
    }
    throw Broken(where_ + fmt::format("the device is still busy after {} questions", longest_settling));
}

void Examination::send(std::size_t block, std::span<const std::uint8_t> data) {
    const Outcome sent = dnload(block, data);
    const auto report = settle();
    expect(sent == Outcome::ok && report.state == DfuState::dfu_dnload_idle,
           "block {} of {} bytes is {}, and leads to {} with {}", block, data.size(), name_of(sent),
           flasher::name_of(report.state), flasher::name_of(report.status));
}

std::size_t Examination::send_all(std::span<const std::uint8_t> image, std::size_t size) {
    std::size_t block = 0;
    for (; !image.empty(); ++block) {
        const auto part = image.first(std::min(size, image.size()));
        send(block, part);
        image = image.subspan(part.size());
    }
    return block;
}

void Examination::download(std::span<const std::uint8_t> image, std::size_t size) {
    make_idle();
    const std::size_t next = send_all(image, size == 0 ? transfer_size() : size);
    const Outcome closed = dnload(next, {});
    expect(closed == Outcome::ok, "the zero-length block after {} is {}", next, name_of(closed));
    const auto report = settle();
    expect(report.state == DfuState::dfu_idle, "manifestation ends in {} with {}", flasher::name_of(report.state),
           flasher::name_of(report.status));
}

std::optional<DfuStatus> Examination::attempt(std::span<const std::uint8_t> image) {
    make_idle();
    std::size_t block = 0;
    do {
        const auto part = image.first(std::min(transfer_size(), image.size()));
        static_cast<void>(dnload(block++, part));
        const auto report = settle();
        if (report.state == DfuState::dfu_error) return report.status;
        image = image.subspan(part.size());
    } while (!image.empty());
    return std::nullopt;
}

Image Examination::read_back(std::size_t length, std::size_t size) {
    make_idle();
    if (size == 0) size = transfer_size();
    Image bytes;
    for (std::size_t block = 0; bytes.size() < length; ++block) {
        const auto answer = upload(block, size);
        expect(answer.ok(), "UPLOAD of block {} is {}", block, name_of(answer.outcome));
        bytes.insert(bytes.end(), answer.bytes.begin(), answer.bytes.end());
        if (answer.bytes.size() < size) break;
    }
    make_idle();
    if (bytes.size() > length) bytes.resize(length);
    return bytes;
}

void Examination::expect_installed(std::span<const std::uint8_t> image, std::size_t size) {
    const Image bytes = read_back(image.size(), size);
    expect(bytes.size() == image.size(), "UPLOAD ends after {} of {} bytes", bytes.size(), image.size());
    const auto same = std::ranges::mismatch(bytes, image).in1 - bytes.begin();
    expect(same == std::ssize(bytes), "what is read back differs from byte {} of {} on (0x{:08X})", same, image.size(),
           subject.application_base + static_cast<std::uint32_t>(same));
}

void Examination::start_over() {
    expect(subject.enter_dfu && subject.enter_dfu(), "the device does not come back into DFU mode");
    make_idle();
}

Image Examination::image(std::size_t size, std::uint32_t seed) const {
    Image bytes = with_vectors(subject.initial_stack, reset_vector(), std::max<std::size_t>(size, 64));
    std::mt19937 random{seed};
    // The first words are the core's own vectors; reserved ones among them are zero.
    for (std::size_t at = 64; at < bytes.size(); ++at)
        bytes[at] = static_cast<std::uint8_t>(random());
    bytes[44] = static_cast<std::uint8_t>(seed);
    // Where it starts it stays: "b ." (ARMv7-M reference manual, A7.7.12).
    if (bytes.size() >= 0x102) {
        bytes[0x100] = 0xFE;
        bytes[0x101] = 0xE7;
    }
    bytes.resize(size);
    return bytes;
}

Image Examination::with_vectors(std::uint32_t stack, std::uint32_t reset, std::size_t size) const {
    Image bytes(size);
    for (std::size_t i = 0; i < 4; ++i) {
        bytes[i] = static_cast<std::uint8_t>(stack >> (8 * i));
        bytes[4 + i] = static_cast<std::uint8_t>(reset >> (8 * i));
    }
    return bytes;
}

}  // namespace flasher::properties
