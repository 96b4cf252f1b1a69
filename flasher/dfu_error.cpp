// SPDX-License-Identifier: ISC
// Words for failures.
#include "flasher/dfu_error.hpp"

#include <fmt/format.h>

namespace flasher {
namespace {

std::string sentence(const FailurePoint& point, const std::string& cause, const std::string& next_step) {
    std::string text = point.operation + " failed";
    if (point.block) text += fmt::format(" at block {}", *point.block);
    if (point.offset) text += fmt::format(" (byte {:#x} of the image)", *point.offset);
    text += ": " + cause;
    if (point.report)
        text += fmt::format(" [state {}, status {}]", name_of(point.report->state), name_of(point.report->status));
    return text + "; " + next_step;
}

}  // namespace

DfuError::DfuError(Failure failure, FailurePoint point, const std::string& cause, const std::string& next_step)
    : std::runtime_error(sentence(point, cause, next_step)),
      failure_(failure),
      point_(std::move(point)),
      cause_(cause),
      next_step_(next_step) {}

DfuError DfuError::during(std::string operation) const {
    auto point = point_;
    point.operation = std::move(operation);
    return {failure_, std::move(point), cause_, next_step_};
}

std::string advice_for(DfuStatus status) {
    switch (status) {
        case DfuStatus::err_target:
            return "check that the image is a plain binary linked for this device's application "
                   "address";
        case DfuStatus::err_address:
            return "use a smaller image or a device with more flash";
        case DfuStatus::err_file:
            return "check the image";
        case DfuStatus::err_write:
        case DfuStatus::err_erase:
        case DfuStatus::err_check_erased:
        case DfuStatus::err_prog:
        case DfuStatus::err_verify:
            return "download again; if it fails at the same place, the flash there is worn out, "
                   "protected or absent";
        case DfuStatus::err_firmware:
            return "download an image first";
        case DfuStatus::err_usbr:
        case DfuStatus::err_por:
            return "check cable and supply, then try again";
        default:
            return "try again; if it stays, reset the device into its bootloader first";
    }
}

Failure failure_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::stall:
            return Failure::refused;
        case Outcome::timeout:
            return Failure::timeout;
        case Outcome::gone:
            return Failure::gone;
        default:
            return Failure::protocol;
    }
}

}  // namespace flasher
