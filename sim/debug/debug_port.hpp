// SPDX-License-Identifier: ISC
// The debug port and its one access port, the AHB-AP (ADIv5; RM0008 31.5 to 31.8): registers, sticky errors, the
// address that counts up by itself. What carries the requests, JTAG or a probe's own protocol, stands above it.
#pragma once

#include <cstdint>

#include "sim/board/machine.hpp"

namespace sim::debug {

class DebugPort {
  public:
    explicit DebugPort(Machine& machine) : machine_(machine) {}

    /// Addresses are those of A[3:2], times four: 0x4 CTRL/STAT, 0x8 SELECT, 0xC RDBUFF.
    [[nodiscard]] std::uint32_t read(std::uint32_t address) const;
    void write(std::uint32_t address, std::uint32_t value);
    /// Of the access port and the bank that SELECT names. Nothing happens while an error is sticky.
    [[nodiscard]] std::uint32_t read_access_port(std::uint32_t address);
    void write_access_port(std::uint32_t address, std::uint32_t value);
    /// An access failed, and none is made until that has been cleared.
    [[nodiscard]] bool failed() const { return sticky_error_; }
    void clear_error() { sticky_error_ = false; }
    /// Debug logic without power forgets.
    void reset();

  private:
    [[nodiscard]] bool ready() const;
    [[nodiscard]] std::uint32_t transfer(std::uint32_t address, bool is_write, std::uint32_t value);
    [[nodiscard]] std::uint32_t data(bool is_write, std::uint32_t value);

    Machine& machine_;
    std::uint32_t control_ = 0, select_ = 0;
    std::uint32_t csw_ = 0x2300'0002, tar_ = 0;
    bool sticky_error_ = false;
};

}  // namespace sim::debug
