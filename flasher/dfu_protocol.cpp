// SPDX-License-Identifier: ISC
// Names and meanings of DFU 1.1, and the GETSTATUS answer.
#include "flasher/dfu_protocol.hpp"

#include <array>

#include <fmt/format.h>

namespace flasher {
namespace {

constexpr std::array<std::string_view, 11> state_names{
    "appIDLE",        "appDETACH",        "dfuIDLE",     "dfuDNLOAD-SYNC",         "dfuDNBUSY",
    "dfuDNLOAD-IDLE", "dfuMANIFEST-SYNC", "dfuMANIFEST", "dfuMANIFEST-WAIT-RESET", "dfuUPLOAD-IDLE",
    "dfuERROR",
};

struct StatusText {
    std::string_view name;
    std::string_view meaning;
};

constexpr std::array<StatusText, 16> status_texts{{
    {"OK", ""},
    {"errTARGET", "the image is not meant for this device"},
    {"errFILE", "the image failed a check that the vendor defined"},
    {"errWRITE", "the device could not write its memory"},
    {"errERASE", "the device could not erase its memory"},
    {"errCHECK_ERASED", "memory was not blank after its erase"},
    {"errPROG", "the device could not program its memory"},
    {"errVERIFY", "memory does not hold what was programmed"},
    {"errADDRESS", "the image reaches beyond the memory it may use"},
    {"errNOTDONE", "the device does not have a whole image yet"},
    {"errFIRMWARE", "the device has no firmware that it could return to"},
    {"errVENDOR", "the vendor defined this error"},
    {"errUSBR", "the device saw an unexpected bus reset"},
    {"errPOR", "the device saw an unexpected power-on reset"},
    {"errUNKNOWN", "the device does not know what went wrong"},
    {"errSTALLEDPKT", "the device refused a request that its state does not allow"},
}};

constexpr std::array<std::string_view, 7> request_names{
    "DFU_DETACH", "DFU_DNLOAD", "DFU_UPLOAD", "DFU_GETSTATUS", "DFU_CLRSTATUS", "DFU_GETSTATE", "DFU_ABORT",
};

}  // namespace

std::string name_of(DfuState state) {
    const auto index = static_cast<std::size_t>(state);
    if (index >= state_names.size()) return fmt::format("state {}", index);
    return std::string(state_names[index]);
}

std::string name_of(DfuStatus status) {
    const auto index = static_cast<std::size_t>(status);
    if (index >= status_texts.size()) return fmt::format("status {}", index);
    return std::string(status_texts[index].name);
}

std::string_view name_of(DfuRequest request) {
    return request_names[static_cast<std::size_t>(request)];
}

std::string_view meaning_of(DfuStatus status) {
    const auto index = static_cast<std::size_t>(status);
    return index < status_texts.size() ? status_texts[index].meaning : "the specification does not define this status";
}

std::optional<DfuReport> parse_report(Bytes bytes) {
    if (bytes.size() != 6) return std::nullopt;
    return DfuReport{.status = static_cast<DfuStatus>(bytes[0]),
                     .poll_timeout = std::chrono::milliseconds(little_endian(bytes, 1, 3)),
                     .state = static_cast<DfuState>(bytes[4]),
                     .string_index = bytes[5]};
}

}  // namespace flasher
