// SPDX-License-Identifier: ISC
// The vocabulary of DFU 1.1: requests, states, statuses, the functional descriptor and the GETSTATUS answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "flasher/bytes.hpp"

namespace flasher {

/// bRequest of the class requests, DFU 1.1 table 3.2.
enum class DfuRequest : std::uint8_t {
    detach = 0,
    dnload = 1,
    upload = 2,
    getstatus = 3,
    clrstatus = 4,
    getstate = 5,
    abort = 6,
};

/// bState, DFU 1.1 section 6.1.2.
enum class DfuState : std::uint8_t {
    app_idle = 0,
    app_detach = 1,
    dfu_idle = 2,
    dfu_dnload_sync = 3,
    dfu_dnbusy = 4,
    dfu_dnload_idle = 5,
    dfu_manifest_sync = 6,
    dfu_manifest = 7,
    dfu_manifest_wait_reset = 8,
    dfu_upload_idle = 9,
    dfu_error = 10,
};

/// bStatus, DFU 1.1 section 6.1.2.
enum class DfuStatus : std::uint8_t {
    ok = 0x00,
    err_target = 0x01,
    err_file = 0x02,
    err_write = 0x03,
    err_erase = 0x04,
    err_check_erased = 0x05,
    err_prog = 0x06,
    err_verify = 0x07,
    err_address = 0x08,
    err_notdone = 0x09,
    err_firmware = 0x0A,
    err_vendor = 0x0B,
    err_usbr = 0x0C,
    err_por = 0x0D,
    err_unknown = 0x0E,
    err_stalledpkt = 0x0F,
};

/// The specification's spelling, such as "dfuDNLOAD-IDLE"; "state 17" for a number it does not
/// define.
[[nodiscard]] std::string name_of(DfuState state);

/// The specification's spelling, such as "errADDRESS"; "status 99" for a number it does not define.
[[nodiscard]] std::string name_of(DfuStatus status);

[[nodiscard]] std::string_view name_of(DfuRequest request);

/// What the status means for the person who sees it: a clause without a full stop. Empty for `ok`.
[[nodiscard]] std::string_view meaning_of(DfuStatus status);

/// bmAttributes of the functional descriptor, DFU 1.1 table 4.2.
struct DfuAttributes {
    bool can_download = false;
    bool can_upload = false;
    bool manifestation_tolerant = false;
    bool will_detach = false;

    [[nodiscard]] static constexpr DfuAttributes from_byte(std::uint8_t byte) {
        return {.can_download = (byte & 0x01) != 0,
                .can_upload = (byte & 0x02) != 0,
                .manifestation_tolerant = (byte & 0x04) != 0,
                .will_detach = (byte & 0x08) != 0};
    }
    bool operator==(const DfuAttributes&) const = default;
};

/// The DFU functional descriptor, DFU 1.1 section 4.1.3.
struct DfuFunctional {
    DfuAttributes attributes;
    std::chrono::milliseconds detach_timeout{0};
    std::uint16_t transfer_size = 0;  ///< wTransferSize, bytes; 0 is invalid but seen.
    std::uint16_t version = 0;        ///< bcdDFUVersion; 0x0100 when the descriptor has none (DFU 1.0).

    bool operator==(const DfuFunctional&) const = default;
};

/// What a device answers to GETSTATUS, DFU 1.1 section 6.1.2.
struct DfuReport {
    DfuStatus status = DfuStatus::ok;
    std::chrono::milliseconds poll_timeout{0};  ///< bwPollTimeout: 0 to 16,777,215 ms.
    DfuState state = DfuState::dfu_idle;
    std::uint8_t string_index = 0;

    bool operator==(const DfuReport&) const = default;
};

/// Reads the six bytes of a GETSTATUS answer; nothing when there are fewer or more.
[[nodiscard]] std::optional<DfuReport> parse_report(Bytes bytes);

}  // namespace flasher
