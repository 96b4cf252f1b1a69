// SPDX-License-Identifier: ISC
// Every request in every state of DFU 1.1 appendix A.2, each state reached through requests alone.
//
// Departures that the product makes, and documents: DFU_DETACH starts the application from any state; DFU_ABORT is
// taken in dfuDNLOAD-SYNC, too. dfuDNBUSY and dfuMANIFEST cannot be met by a request: the next one waits until the
// flash is done.
#include <algorithm>
#include <array>

#include "flasher/properties/examination.hpp"
#include "flasher/properties/lists.hpp"

namespace flasher::properties {
namespace {

constexpr std::array all_states{DfuState::dfu_idle,          DfuState::dfu_dnload_sync, DfuState::dfu_dnload_idle,
                                DfuState::dfu_manifest_sync, DfuState::dfu_upload_idle, DfuState::dfu_error};

/// A block that is not written before the end: it holds no more than the vector page.
Image block_of(const Examination& device) {
    return device.image(std::min<std::size_t>(device.transfer_size(), device.subject.page_size), 2);
}

void reach(Examination& device, DfuState state) {
    device.make_idle();
    const Image block = block_of(device);
    switch (state) {
        case DfuState::dfu_dnload_sync:
            device.expect(device.dnload(0, block) == Outcome::ok, "a first block is not taken in dfuIDLE");
            break;
        case DfuState::dfu_dnload_idle:
            device.send(0, block);
            break;
        case DfuState::dfu_manifest_sync:
            device.send(0, block);
            device.expect(device.dnload(1, {}) == Outcome::ok, "a zero-length block is not taken in dfuDNLOAD-IDLE");
            break;
        case DfuState::dfu_upload_idle:
            device.expect(device.upload(0, 64).bytes.size() == 64, "a first UPLOAD does not give its 64 bytes");
            break;
        case DfuState::dfu_error:
            device.expect(device.dfu_out(DfuRequest::clrstatus) == Outcome::stall, "CLRSTATUS is taken in dfuIDLE");
            break;
        default:
            break;
    }
    device.expect_state(state);
}

struct Ask {
    std::string_view name;
    Outcome (*send)(Examination&, std::uint16_t block);
    /// Where it is legal, and what GETSTATE tells afterwards.
    std::vector<std::pair<DfuState, DfuState>> legal;
};

const std::vector<Ask>& asks() {
    using enum DfuState;
    using E = Examination;
    static const std::vector<Ask> list{
        {"DNLOAD of a block",
         [](E& device, std::uint16_t block) { return device.dnload(block, block_of(device)); },
         {{dfu_idle, dfu_dnload_sync}, {dfu_dnload_idle, dfu_dnload_sync}}},
        {"DNLOAD of nothing",
         [](E& device, std::uint16_t block) { return device.dnload(block, {}); },
         {{dfu_dnload_idle, dfu_manifest_sync}}},
        {"UPLOAD",
         [](E& device, std::uint16_t block) { return device.upload(block, 64).outcome; },
         {{dfu_idle, dfu_upload_idle}, {dfu_upload_idle, dfu_upload_idle}}},
        {"GETSTATUS",
         [](E& device, std::uint16_t) { return device.dfu_in(DfuRequest::getstatus, 0, 6).outcome; },
         {{dfu_idle, dfu_idle},
          {dfu_dnload_sync, dfu_dnload_idle},
          {dfu_dnload_idle, dfu_dnload_idle},
          {dfu_upload_idle, dfu_upload_idle},
          {dfu_error, dfu_error}}},
        {"GETSTATE",
         [](E& device, std::uint16_t) { return device.dfu_in(DfuRequest::getstate, 0, 1).outcome; },
         {{dfu_idle, dfu_idle},
          {dfu_dnload_sync, dfu_dnload_sync},
          {dfu_dnload_idle, dfu_dnload_idle},
          {dfu_manifest_sync, dfu_manifest_sync},
          {dfu_upload_idle, dfu_upload_idle},
          {dfu_error, dfu_error}}},
        {"CLRSTATUS",
         [](E& device, std::uint16_t) { return device.dfu_out(DfuRequest::clrstatus); },
         {{dfu_error, dfu_idle}}},
        {"ABORT",
         [](E& device, std::uint16_t) { return device.dfu_out(DfuRequest::abort); },
         {{dfu_idle, dfu_idle}, {dfu_dnload_sync, dfu_idle}, {dfu_dnload_idle, dfu_idle}, {dfu_upload_idle, dfu_idle}}},
        {"request 7", [](E& device, std::uint16_t) { return device.dfu_out(DfuRequest{7}); }, {}},
        {"request 255", [](E& device, std::uint16_t) { return device.dfu_out(DfuRequest{255}); }, {}},
        {"DNLOAD to the host",
         [](E& device, std::uint16_t block) { return device.dfu_in(DfuRequest::dnload, block, 64).outcome; },
         {}},
        {"UPLOAD from the host",
         [](E& device, std::uint16_t block) { return device.dfu_out(DfuRequest::upload, block, Image(64)); },
         {}},
        {"GETSTATUS from the host", [](E& device, std::uint16_t) { return device.dfu_out(DfuRequest::getstatus); }, {}},
        {"GETSTATE from the host", [](E& device, std::uint16_t) { return device.dfu_out(DfuRequest::getstate); }, {}},
        {"ABORT to the host",
         [](E& device, std::uint16_t) { return device.dfu_in(DfuRequest::abort, 0, 6).outcome; },
         {}},
    };
    return list;
}

template <DfuState state>
void every_request(Examination& device) {
    const std::uint16_t next = state == DfuState::dfu_dnload_idle || state == DfuState::dfu_upload_idle ? 1 : 0;
    for (const Ask& ask : asks()) {
        // What comes of it is manifestation, which rewrites the application: see sessions.cpp.
        if (state == DfuState::dfu_manifest_sync && ask.name == "GETSTATUS") continue;
        device.where(fmt::format("{} in {}: ", ask.name, flasher::name_of(state)));
        reach(device, state);
        const Outcome outcome = ask.send(device, next);
        const auto legal = std::ranges::find(ask.legal, state, &std::pair<DfuState, DfuState>::first);
        if (legal != ask.legal.end()) {
            device.expect(outcome == Outcome::ok, "it is {}", name_of(outcome));
            device.expect_state(legal->second);
        } else {
            device.expect(outcome == Outcome::stall, "it is {}, and must be stalled", name_of(outcome));
            device.expect_refused(DfuStatus::err_stalledpkt);
        }
    }
}

void first_cause_stands(Examination& device) {
    device.expect(device.dnload(0, Image(64, 0xFF)) == Outcome::ok, "a block of FF is not taken");
    const auto report = device.settle();
    device.expect(report.status == DfuStatus::err_target, "a block of FF is reported as {}",
                  flasher::name_of(report.status));
    for (const auto request : {DfuRequest::abort, DfuRequest::dnload}) {
        device.expect(device.dfu_out(request) == Outcome::stall, "{} is taken in dfuERROR", flasher::name_of(request));
    }
    device.expect_refused(DfuStatus::err_target);
}

void other_interfaces(Examination& device) {
    for (const DfuState state : all_states) {
        device.where(fmt::format("in {}: ", flasher::name_of(state)));
        reach(device, state);
        const auto other = static_cast<std::uint16_t>(device.interface().bInterfaceNumber + 1);
        for (std::uint8_t request = 0; request < 8; ++request) {
            device.expect(device.out(0x21, request, 0, other) == Outcome::stall, "request {} to interface {} is taken",
                          request, other);
            device.expect(device.in(0xA1, request, 0, other, 6).outcome == Outcome::stall,
                          "request {} to interface {} is answered", request, other);
        }
        device.expect_state(state);
    }
}

void unknown_requests(Examination& device) {
    for (unsigned request = 7; request < 256; ++request) {
        const auto answer = device.dfu_in(static_cast<DfuRequest>(request), 0, 6);
        device.expect(answer.outcome == Outcome::stall, "request {} is {}", request, name_of(answer.outcome));
        device.expect_refused(DfuStatus::err_stalledpkt);
    }
}

void detach(Examination& device) {
    const Image before = device.read_back(1024);
    for (const DfuState state : all_states) {
        device.where(fmt::format("in {}: ", flasher::name_of(state)));
        reach(device, state);
        const Outcome outcome = device.dfu_out(DfuRequest::detach);
        device.expect(outcome == Outcome::ok, "DETACH is {}", name_of(outcome));
        device.expect(device.subject.transport.wait_until_gone(std::chrono::milliseconds(2000)),
                      "two seconds after DETACH the device is still there");
        device.start_over();
    }
    device.where({});
    device.expect(device.read_back(1024) == before, "DETACH has changed the application");
}

constexpr std::array list{
    Property{"EveryRequestInIdle", "DFU 1.1 appendix A.2.3", Overwrites::nothing, Needs::nothing,
             every_request<DfuState::dfu_idle>},
    Property{"EveryRequestInDnloadSync", "DFU 1.1 appendix A.2.4", Overwrites::nothing, Needs::nothing,
             every_request<DfuState::dfu_dnload_sync>},
    Property{"EveryRequestInDnloadIdle", "DFU 1.1 appendix A.2.6", Overwrites::nothing, Needs::nothing,
             every_request<DfuState::dfu_dnload_idle>},
    Property{"EveryRequestInManifestSync", "DFU 1.1 appendix A.2.7", Overwrites::nothing, Needs::nothing,
             every_request<DfuState::dfu_manifest_sync>},
    Property{"EveryRequestInUploadIdle", "DFU 1.1 appendix A.2.10", Overwrites::nothing, Needs::nothing,
             every_request<DfuState::dfu_upload_idle>},
    Property{"EveryRequestInError", "DFU 1.1 appendix A.2.11", Overwrites::nothing, Needs::nothing,
             every_request<DfuState::dfu_error>},
    Property{"TheFirstCauseOfAnErrorStands", "DFU 1.1 appendix A.2.11", Overwrites::nothing, Needs::nothing,
             first_cause_stands},
    Property{"OtherInterfacesAreStalledWithoutAnyEffect", "USB 2.0 section 9.2.7", Overwrites::nothing,
             Needs::unfiltered, other_interfaces},
    Property{"UnknownRequestsAreStalled", "DFU 1.1 section 3", Overwrites::nothing, Needs::nothing, unknown_requests},
    Property{"DetachLeavesFromEveryState", "DFU 1.1 section 5.1", Overwrites::nothing, Needs::reentry, detach},
};

}  // namespace

std::span<const Property> states() {
    return list;
}

}  // namespace flasher::properties
