// SPDX-License-Identifier: ISC
// The one exception of the DFU client: what failed, where, what the device says, what to do next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "flasher/dfu_protocol.hpp"
#include "flasher/transport.hpp"

namespace flasher {

/// Why an operation ended early; decides the exit code of a tool.
enum class Failure {
    misuse,    ///< Refused by the client before anything was sent: what was asked for cannot work.
    refused,   ///< The device reported an error status or stalled a request.
    timeout,   ///< The device did not answer, or stayed busy longer than the client's patience.
    gone,      ///< The device left the bus before it was done.
    protocol,  ///< The device answered what DFU 1.1 does not allow.
};

/// Where an operation stood when it failed.
struct FailurePoint {
    std::string operation;               ///< What was being done, such as "download" or "upload".
    std::optional<std::uint16_t> block;  ///< wBlockNum of the transfer that failed.
    std::optional<std::size_t> offset;   ///< Its first byte's offset in the image.
    std::optional<DfuReport> report;     ///< The device's last GETSTATUS answer, when it gave one.
};

/// what() is one line: operation, block, offset, cause, state and status, then the next step.
class DfuError : public std::runtime_error {
  public:
    /// `cause` and `next_step` are clauses without a full stop.
    DfuError(Failure failure, FailurePoint point, const std::string& cause, const std::string& next_step);

    [[nodiscard]] Failure failure() const { return failure_; }
    [[nodiscard]] const FailurePoint& point() const { return point_; }
    [[nodiscard]] const std::string& next_step() const { return next_step_; }

    /// The same failure as part of `operation`, for those who know what an upload or download was for.
    [[nodiscard]] DfuError during(std::string operation) const;

  private:
    Failure failure_;
    FailurePoint point_;
    std::string cause_;
    std::string next_step_;
};

/// What a person can do about a status that a device reported; a clause without a full stop.
[[nodiscard]] std::string advice_for(DfuStatus status);

/// The failure that an outcome other than `ok` amounts to.
[[nodiscard]] Failure failure_of(Outcome outcome);

}  // namespace flasher
