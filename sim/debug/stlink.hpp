// SPDX-License-Identifier: ISC
// The commands of an ST-Link V2, firmware V2J37S7, as its two bulk endpoints carry them: 16 bytes, then perhaps data,
// then perhaps an answer. ST has published none of it; what stands here is what st-flash 1.7 and OpenOCD 0.12 send and
// expect. Serial wire only; what is not modelled is answered with an error status, where those programs read one.
//
// A transfer on those endpoints takes the board's time as it would on a cable, however slowly the computer runs that
// plays the host: a program that polls so many times, as st-flash does, has then waited at least as long as that takes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/debug/swd_link.hpp"

namespace sim::debug {

class StLink {
  public:
    using Bytes = std::vector<std::uint8_t>;

    /// What the probe has of the board besides the two wires.
    struct Wires {
        std::function<void(Time)> let_pass;
        std::function<void(bool low)> hold_reset;
        std::function<void(const std::string&)> log;
    };
    StLink(Machine& machine, Wires wires);

    /// A transfer to the probe: a command, or the data of the last one.
    void take(std::span<const std::uint8_t> bytes);
    /// What a transfer of at most `room` bytes from the probe brings; nothing while there is no answer.
    [[nodiscard]] std::optional<Bytes> give(std::size_t room);
    /// The bus has been reset or the host has gone.
    void forget();

  private:
    enum class Mode : std::uint8_t { dfu = 0, mass_storage = 1, debug = 2 };
    struct PendingWrite {
        std::uint32_t address = 0;
        unsigned width = 4;
        std::size_t length = 0;
    };

    void pass_frames(std::size_t bytes);
    void obey(std::span<const std::uint8_t> command);
    void obey_debug(std::span<const std::uint8_t> command);
    void enter(std::uint8_t protocol);
    void read_memory(unsigned width, std::uint32_t address, std::size_t length);
    void read_all_registers();
    void drive_reset(std::uint8_t how);
    [[nodiscard]] Acknowledgement read_word(std::uint32_t address, std::uint32_t& value);
    [[nodiscard]] Acknowledgement write_word(std::uint32_t address, std::uint32_t value);
    [[nodiscard]] Acknowledgement read_register(std::uint32_t number, std::uint32_t& value);
    [[nodiscard]] Acknowledgement write_register(std::uint32_t number, std::uint32_t value);
    void answer(Bytes bytes) { answer_ = std::move(bytes); }
    void answer_status(Acknowledgement acknowledgement);
    void answer_word(Acknowledgement acknowledgement, std::uint32_t value);

    Machine& machine_;
    Wires wires_;
    Time period_;
    SwdLink link_;
    Mode mode_ = Mode::mass_storage;
    std::optional<PendingWrite> write_;
    std::uint8_t memory_status_;  ///< Of the last access to memory.
    std::uint32_t memory_fault_ = 0;
    std::optional<Bytes> answer_;
};

}  // namespace sim::debug
