// SPDX-License-Identifier: ISC
// A probe's side of serial wire debug: bit by bit at the pins, up to memory through the AHB-AP.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "sim/debug/swd.hpp"

namespace sim::debug {

class SwdLink {
  public:
    /// `pass` lets that many periods of SWCLK pass on the board.
    SwdLink(Machine& machine, std::function<void(unsigned)> pass) : wire_(machine), pass_(std::move(pass)) {}

    /// Switches the port to serial wire, reads DPIDR, and powers the debug logic up.
    [[nodiscard]] Acknowledgement connect();
    [[nodiscard]] std::uint32_t identification() const { return identification_; }

    /// Registers by A[3:2] times four, and those of the access port with their bank above.
    [[nodiscard]] Acknowledgement read_port(std::uint32_t address, std::uint32_t& value);
    [[nodiscard]] Acknowledgement write_port(std::uint32_t address, std::uint32_t value);
    [[nodiscard]] Acknowledgement read_access_port(std::uint32_t address, std::uint32_t& value);
    [[nodiscard]] Acknowledgement write_access_port(std::uint32_t address, std::uint32_t value);

    /// Accesses of `width` 1, 2 or 4 bytes, as many as there is room for. An error has been cleared when this returns.
    [[nodiscard]] Acknowledgement read_memory(std::uint32_t address, unsigned width, std::span<std::uint8_t> into);
    [[nodiscard]] Acknowledgement write_memory(std::uint32_t address, unsigned width,
                                               std::span<const std::uint8_t> from);

  private:
    void send(std::uint64_t bits, unsigned count);
    [[nodiscard]] std::uint64_t listen(unsigned count);
    [[nodiscard]] Acknowledgement transfer(bool access_port, bool reads, std::uint32_t address, std::uint32_t& value);
    [[nodiscard]] Acknowledgement settled(Acknowledgement last);

    Swd wire_;
    std::function<void(unsigned)> pass_;
    unsigned periods_ = 0;  ///< That have not been let pass yet.
    std::uint32_t identification_ = 0;
};

}  // namespace sim::debug
