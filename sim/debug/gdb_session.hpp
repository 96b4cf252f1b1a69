// SPDX-License-Identifier: ISC
// What a connected gdb may ask, packet by packet (GDB manual, appendix E): registers, memory, breakpoints, flash, and
// the monitor's commands. Knows neither sockets nor when the machine runs.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "sim/debug/debugger.hpp"
#include "sim/debug/gdb_packet.hpp"

namespace sim::debug {

struct GdbReply {
    enum class Then : std::uint8_t {
        stay,    ///< Halted; the next packet, please.
        run,     ///< The core goes on; the reply comes when it halts.
        reset,   ///< The chip is reset; the reply goes out when the core has halted again.
        detach,  ///< The reply, then the connection is over and the core runs.
        kill,    ///< The connection is over, and so is the program that serves it.
    };
    std::string text;
    Then then = Then::stay;
};

class GdbSession {
  public:
    GdbSession(Machine& machine, Debugger& debugger) : machine_(machine), debugger_(debugger) {}

    /// Of a halted core. An unknown packet is answered with an empty text, a bad one with "E" and a number.
    [[nodiscard]] GdbReply handle(std::string_view packet);
    /// Why the core halted, as a stop reply.
    [[nodiscard]] std::string stop_reply();
    /// What the program did that ends it; the next stop reply says so, until the chip is reset or runs.
    void note_crash() { crashed_ = true; }
    [[nodiscard]] bool acknowledges() const { return acknowledges_; }

  private:
    [[nodiscard]] std::string query(std::string_view packet);
    [[nodiscard]] std::string read_registers();
    [[nodiscard]] std::string write_registers(std::string_view hex);
    [[nodiscard]] std::string read_register(std::string_view arguments);
    [[nodiscard]] std::string write_register(std::string_view arguments);
    [[nodiscard]] std::uint32_t register_value(std::uint32_t number);
    void set_register(std::uint32_t number, std::uint32_t value);
    [[nodiscard]] std::string read_memory(std::string_view arguments);
    [[nodiscard]] std::string write_memory(std::string_view arguments, bool binary);
    [[nodiscard]] std::string change_breakpoint(std::string_view arguments, bool set);
    [[nodiscard]] bool change_software_breakpoint(std::uint32_t address, bool set);
    [[nodiscard]] std::string flash(std::string_view packet);
    [[nodiscard]] GdbReply resume(char how, std::string_view arguments);
    [[nodiscard]] GdbReply monitor(std::string_view hex);

    Machine& machine_;
    Debugger& debugger_;
    std::map<std::uint32_t, std::vector<std::uint8_t>> software_breakpoints_;  ///< What the BKPT replaced.
    bool acknowledges_ = true;
    bool crashed_ = false;
};

/// Registers of the target description, in the order of their numbers.
inline constexpr std::uint32_t gdb_register_count = 23;
[[nodiscard]] std::string gdb_target_xml();
[[nodiscard]] std::string gdb_memory_map(const ChipVariant& chip);

}  // namespace sim::debug
