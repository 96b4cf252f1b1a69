// SPDX-License-Identifier: ISC
// A DFU device behind a Transport, by the state diagram of DFU 1.1 appendix A; it can be told to misbehave.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "flasher/descriptors.hpp"
#include "flasher/transport.hpp"

namespace flasher::test {

using std::chrono::milliseconds;

struct Misbehaviour {
    std::optional<std::size_t> refuse_block;  ///< errADDRESS reported after this block (counted from 0).
    DfuStatus refuse_status = DfuStatus::err_address;
    std::optional<std::size_t> stall_block;      ///< DNLOAD stalls at this block.
    std::optional<std::size_t> vanish_at_block;  ///< Gone from the bus at this block.
    bool vanish_at_upload = false;               ///< Gone from the bus when it is read.
    bool stall_at_the_end = false;               ///< UPLOAD stalls where there is nothing left, and ends so.
    bool busy_for_ever = false;
    std::size_t report_length = 6;     ///< Bytes of a GETSTATUS answer.
    std::optional<DfuState> stuck_in;  ///< GETSTATUS always reports this state.
    bool stall_set_interface = false;
    bool deaf_in_manifest = false;  ///< No answer in dfuMANIFEST; leaves a little later.
    bool never_leaves = false;      ///< Deaf in dfuMANIFEST and stays.
    bool gone_in_manifest = false;  ///< Leaves the bus at the question that begins manifestation.
    bool error_in_manifest = false;
    bool stall_detach = false;  ///< As DFU 1.1 has it for DFU mode.
};

class FakeDevice : public Transport {
  public:
    DfuState state = DfuState::dfu_idle;
    DfuStatus status = DfuStatus::ok;
    DfuAttributes attributes{.can_download = true, .can_upload = true, .will_detach = true};
    milliseconds poll{7};
    int busy_polls = 1;  ///< How often a block reports dfuDNBUSY.
    Misbehaviour misbehaviour;

    std::vector<std::uint8_t> memory;  ///< What was downloaded, or is there for upload.
    std::vector<std::uint16_t> block_numbers;
    std::optional<std::uint16_t> closing_number;  ///< Of the empty block that ends a download.
    std::vector<std::size_t> block_lengths;
    std::vector<DfuRequest> requests;
    std::vector<milliseconds> sleeps;
    int bus_resets = 0;
    int reopens = 0;
    std::optional<std::uint16_t> alternate;
    bool present = true;

    [[nodiscard]] InterfaceDescriptor interface(std::uint16_t transfer_size = 64) const {
        InterfaceDescriptor one;
        one.bInterfaceClass = 0xFE;
        one.bInterfaceSubClass = 1;
        one.bInterfaceProtocol = 2;
        one.functional = DfuFunctional{.attributes = attributes,
                                       .detach_timeout = milliseconds(255),
                                       .transfer_size = transfer_size,
                                       .version = 0x0110};
        return one;
    }

    TransferResult control_in(const SetupPacket& setup, std::span<std::uint8_t> data) override {
        if (!present) return {Outcome::gone, 0};
        const auto request = static_cast<DfuRequest>(setup.bRequest);
        requests.push_back(request);
        if (request == DfuRequest::getstatus) return get_status(data);
        if (request == DfuRequest::getstate) {
            data[0] = static_cast<std::uint8_t>(state);
            return {Outcome::ok, 1};
        }
        if (request == DfuRequest::upload) return upload(data);
        return stall();
    }

    TransferResult control_out(const SetupPacket& setup, std::span<const std::uint8_t> data) override {
        if (!present) return {Outcome::gone, 0};
        if (setup.bmRequestType == 0x01 && setup.bRequest == 11) {
            if (misbehaviour.stall_set_interface) return {Outcome::stall, 0};
            alternate = setup.wValue;
            return {Outcome::ok, 0};
        }
        const auto request = static_cast<DfuRequest>(setup.bRequest);
        requests.push_back(request);
        switch (request) {
            case DfuRequest::dnload:
                return download(setup.wValue, data);
            case DfuRequest::clrstatus:
                status = DfuStatus::ok;
                state = DfuState::dfu_idle;
                return {Outcome::ok, 0};
            case DfuRequest::abort:
                state = DfuState::dfu_idle;
                return {Outcome::ok, 0};
            case DfuRequest::detach:
                return misbehaviour.stall_detach ? stall() : TransferResult{Outcome::ok, 0};
            default:
                return stall();
        }
    }

    void sleep(milliseconds duration) override { sleeps.push_back(duration); }
    Outcome bus_reset() override {
        ++bus_resets;
        return present ? Outcome::ok : Outcome::gone;
    }
    bool wait_until_gone(milliseconds limit) override {
        sleeps.push_back(limit);
        if (state == DfuState::dfu_manifest && attributes.will_detach && !misbehaviour.never_leaves) present = false;
        return !present;
    }
    bool reopen(milliseconds) override {
        ++reopens;
        return present;
    }

  private:
    TransferResult stall() {
        state = DfuState::dfu_error;
        status = DfuStatus::err_stalledpkt;
        return {Outcome::stall, 0};
    }

    TransferResult download(std::uint16_t number, std::span<const std::uint8_t> data) {
        if (state != DfuState::dfu_idle && state != DfuState::dfu_dnload_idle) return stall();
        if (data.empty()) {
            closing_number = number;
            state = DfuState::dfu_manifest_sync;
            return {Outcome::ok, 0};
        }
        const std::size_t block = block_numbers.size();
        if (misbehaviour.vanish_at_block == block) {
            present = false;
            return {Outcome::gone, 0};
        }
        if (misbehaviour.stall_block == block) return stall();
        if (state == DfuState::dfu_idle) memory.clear();
        block_numbers.push_back(number);
        block_lengths.push_back(data.size());
        memory.insert(memory.end(), data.begin(), data.end());
        state = DfuState::dfu_dnload_sync;
        polls_left_ = busy_polls;
        refused_ = misbehaviour.refuse_block == block;
        return {Outcome::ok, data.size()};
    }

    TransferResult upload(std::span<std::uint8_t> data) {
        if (misbehaviour.vanish_at_upload) {
            present = false;
            return {Outcome::gone, 0};
        }
        if (state == DfuState::dfu_idle) upload_offset_ = 0;
        if (misbehaviour.stall_at_the_end && upload_offset_ == memory.size()) {
            state = DfuState::dfu_idle;
            return {Outcome::stall, 0};
        }
        const std::size_t length = std::min(data.size(), memory.size() - upload_offset_);
        std::copy_n(memory.begin() + static_cast<std::ptrdiff_t>(upload_offset_), length, data.begin());
        upload_offset_ += length;
        state = length < data.size() ? DfuState::dfu_idle : DfuState::dfu_upload_idle;
        return {Outcome::ok, length};
    }

    TransferResult get_status(std::span<std::uint8_t> data) {
        if (state == DfuState::dfu_manifest && misbehaviour.deaf_in_manifest) return {Outcome::timeout, 0};
        if (state == DfuState::dfu_manifest_sync && misbehaviour.gone_in_manifest) {
            present = false;
            return {Outcome::gone, 0};
        }
        advance();
        const auto shown = misbehaviour.stuck_in.value_or(state);
        const auto ms = static_cast<std::uint32_t>(poll.count());
        const std::uint8_t bytes[]{static_cast<std::uint8_t>(status),  static_cast<std::uint8_t>(ms),
                                   static_cast<std::uint8_t>(ms >> 8), static_cast<std::uint8_t>(ms >> 16),
                                   static_cast<std::uint8_t>(shown),   0};
        const std::size_t length = std::min(misbehaviour.report_length, data.size());
        std::copy_n(bytes, length, data.begin());
        return {Outcome::ok, length};
    }

    void advance() {
        if (state == DfuState::dfu_dnload_sync || state == DfuState::dfu_dnbusy) {
            if (misbehaviour.busy_for_ever || polls_left_-- > 0) {
                state = DfuState::dfu_dnbusy;
            } else if (refused_) {
                state = DfuState::dfu_error;
                status = misbehaviour.refuse_status;
            } else {
                state = DfuState::dfu_dnload_idle;
            }
        } else if (state == DfuState::dfu_manifest_sync) {
            if (misbehaviour.error_in_manifest) {
                state = DfuState::dfu_error;
                status = DfuStatus::err_verify;
            } else {
                state = DfuState::dfu_manifest;
            }
        } else if (state == DfuState::dfu_manifest) {
            state = attributes.manifestation_tolerant ? DfuState::dfu_idle : DfuState::dfu_manifest_wait_reset;
        }
    }

    int polls_left_ = 0;
    bool refused_ = false;
    std::size_t upload_offset_ = 0;
};

/// 0, 1, 2, … so that a lost or repeated block shows.
inline std::vector<std::uint8_t> counting_bytes(std::size_t count) {
    std::vector<std::uint8_t> bytes(count);
    for (std::size_t i = 0; i < count; ++i)
        bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    return bytes;
}

}  // namespace flasher::test
