// SPDX-License-Identifier: ISC
// How a run ends when the chip cannot go on.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace sim {

/// The program did what the chip cannot go on from (lockup), or what the model refuses (an access
/// that is not modelled, a use that silicon does not promise to survive). what() is the whole
/// report: cause, address, PC, registers and the last instructions.
class MachineError : public std::runtime_error {
  public:
    enum class Kind : std::uint8_t { lockup, refused };
    MachineError(Kind kind, std::string cause, const std::string& report)
        : std::runtime_error(report), kind_(kind), cause_(std::move(cause)) {}
    Kind kind() const { return kind_; }
    /// The first sentence alone.
    const std::string& cause() const { return cause_; }

  private:
    Kind kind_;
    std::string cause_;
};

}  // namespace sim
