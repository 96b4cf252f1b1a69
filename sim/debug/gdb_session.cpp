// SPDX-License-Identifier: ISC
// The packets, each where its letter stands in handle().
#include "sim/debug/gdb_session.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace sim::debug {
namespace {

constexpr const char* done = "OK";
constexpr const char* malformed = "E01";
constexpr const char* refused = "E02";    // by the bus
constexpr const char* exhausted = "E03";  // no comparator is left
constexpr const char* unsupported = "";
constexpr std::uint32_t flash_base = 0x0800'0000, ram_base = 0x2000'0000;
enum Number : std::uint32_t { xpsr = 16, msp = 17, psp = 18, primask = 19, control = 22 };

std::string word_hex(std::uint32_t value) {
    return fmt::format("{:02x}{:02x}{:02x}{:02x}", value & 0xff, value >> 8 & 0xff, value >> 16 & 0xff, value >> 24);
}

std::string register_hex(std::uint32_t number, std::uint32_t value) {
    return number < primask ? word_hex(value) : fmt::format("{:02x}", value & 0xff);
}

/// Little-endian, from its hexadecimal digits.
std::uint32_t value_of(std::span<const std::uint8_t> bytes) {
    std::uint32_t value = 0;
    for (std::size_t lane = 0; lane < bytes.size(); ++lane)
        value |= std::uint32_t{bytes[lane]} << (8 * lane);
    return value;
}

/// The part of a document that "offset,length" asks for, behind 'm' or, for the last part, 'l'.
std::string part_of(const std::string& document, std::string_view range) {
    GdbArguments arguments(range);
    const auto offset = arguments.number();
    const auto length = arguments.number_after(',');
    if (!offset || !length) return malformed;
    if (*offset >= document.size()) return "l";
    const bool last = document.size() - *offset <= *length;
    return (last ? "l" : "m") + document.substr(*offset, *length);
}

std::string as_hex(std::string_view text) {
    return to_hex({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

constexpr std::string_view monitor_help =
    "monitor reset              resets the chip and halts before its first instruction\n"
    "monitor time               virtual time, which stops while the core is halted\n"
    "monitor catch faults       halts where a fault handler begins (as at the start)\n"
    "monitor catch nothing      lets the program handle its faults\n"
    "monitor button on|off      holds the board's button, or releases it\n";

}  // namespace

GdbReply GdbSession::handle(std::string_view packet) {
    if (packet.empty()) return {unsupported};
    const std::string_view rest = packet.substr(1);
    switch (packet.front()) {
        case '?':
            return {stop_reply()};
        case 'g':
            return {read_registers()};
        case 'G':
            return {write_registers(rest)};
        case 'p':
            return {read_register(rest)};
        case 'P':
            return {write_register(rest)};
        case 'm':
            return {read_memory(rest)};
        case 'M':
            return {write_memory(rest, false)};
        case 'X':
            return {write_memory(rest, true)};
        case 'Z':
            return {change_breakpoint(rest, true)};
        case 'z':
            return {change_breakpoint(rest, false)};
        case 'c':
        case 's':
            return resume(packet.front(), rest);
        case 'D':
            return {done, GdbReply::Then::detach};
        case 'k':
            return {unsupported, GdbReply::Then::kill};
        case 'H':
        case 'T':
        case '!':
            return {done};  // there is one thread
        case 'R':
            return {unsupported, GdbReply::Then::reset};
        case 'v':
            if (packet == "vCont?") return {"vCont;c;C;s;S"};
            if (packet.starts_with("vCont;") && packet.size() > 6)
                return resume(packet[6] == 's' || packet[6] == 'S' ? 's' : 'c', {});
            if (packet.starts_with("vKill")) return {done, GdbReply::Then::kill};
            return {flash(packet)};
        case 'q':
        case 'Q':
            if (packet.starts_with("qRcmd,")) return monitor(packet.substr(6));
            return {query(packet)};
        default:
            return {unsupported};
    }
}

std::string GdbSession::query(std::string_view packet) {
    constexpr std::string_view features = "qXfer:features:read:target.xml:", memory_map = "qXfer:memory-map:read::";
    if (packet.starts_with("qSupported"))
        return fmt::format(
            "PacketSize={:x};qXfer:features:read+;qXfer:memory-map:read+;swbreak+;hwbreak+;"
            "QStartNoAckMode+;vContSupported+",
            GdbPacketReader::largest_packet);
    if (packet == "QStartNoAckMode") {
        acknowledges_ = false;
        return done;
    }
    if (packet.starts_with(features)) return part_of(gdb_target_xml(), packet.substr(features.size()));
    if (packet.starts_with(memory_map))
        return part_of(gdb_memory_map(machine_.variant()), packet.substr(memory_map.size()));
    if (packet == "qC") return "QC1";
    if (packet == "qfThreadInfo") return "m1";
    if (packet == "qsThreadInfo") return "l";
    if (packet.starts_with("qAttached")) return "1";
    if (packet.starts_with("qSymbol")) return done;
    return unsupported;
}

// --- registers -----------------------------------------------------------------------------------

std::uint32_t GdbSession::register_value(std::uint32_t number) {
    if (number < primask) return debugger_.reg(static_cast<CoreRegister>(number));
    return debugger_.reg(CoreRegister::control_and_masks) >> (8 * (number - primask)) & 0xff;
}

void GdbSession::set_register(std::uint32_t number, std::uint32_t value) {
    if (number < primask) return debugger_.set_reg(static_cast<CoreRegister>(number), value);
    const std::uint32_t shift = 8 * (number - primask);
    const std::uint32_t others = debugger_.reg(CoreRegister::control_and_masks) & ~(0xffu << shift);
    debugger_.set_reg(CoreRegister::control_and_masks, others | (value & 0xff) << shift);
}

std::string GdbSession::read_registers() {
    std::string text;
    for (std::uint32_t number = 0; number < gdb_register_count; ++number)
        text += register_hex(number, register_value(number));
    return text;
}

std::string GdbSession::write_registers(std::string_view hex) {
    const auto bytes = from_hex(hex);
    constexpr std::size_t words = primask, all = 4 * words + (gdb_register_count - words);
    if (!bytes || bytes->size() != all) return malformed;
    const std::span<const std::uint8_t> view(*bytes);
    // CONTROL first: it says which stack pointer r13 is.
    for (std::uint32_t number = gdb_register_count; number-- > 0;)
        set_register(number,
                     number < primask ? value_of(view.subspan(4 * number, 4)) : view[4 * words + (number - primask)]);
    return done;
}

std::string GdbSession::read_register(std::string_view arguments) {
    GdbArguments reader(arguments);
    const auto number = reader.number();
    if (!number || *number >= gdb_register_count || !reader.empty()) return malformed;
    return register_hex(*number, register_value(*number));
}

std::string GdbSession::write_register(std::string_view arguments) {
    GdbArguments reader(arguments);
    const auto number = reader.number();
    if (!number || *number >= gdb_register_count || !reader.take('=')) return malformed;
    const auto bytes = from_hex(reader.rest());
    if (!bytes || bytes->size() != (*number < primask ? 4 : 1)) return malformed;
    set_register(*number, value_of(*bytes));
    return done;
}

// --- memory --------------------------------------------------------------------------------------

std::string GdbSession::read_memory(std::string_view arguments) {
    GdbArguments reader(arguments);
    const auto address = reader.number();
    const auto size = reader.number_after(',');
    if (!address || !size || !reader.empty()) return malformed;
    const auto bytes = debugger_.read(*address, std::min<std::size_t>(*size, GdbPacketReader::largest_packet / 2));
    return bytes.empty() && *size != 0 ? refused : to_hex(bytes);
}

std::string GdbSession::write_memory(std::string_view arguments, bool binary) {
    GdbArguments reader(arguments);
    const auto address = reader.number();
    const auto size = reader.number_after(',');
    if (!address || !size || !reader.take(':')) return malformed;
    const std::string_view rest = reader.rest();
    const auto bytes = binary ? std::vector<std::uint8_t>(rest.begin(), rest.end()) : from_hex(rest);
    if (!bytes || bytes->size() != *size) return malformed;
    return debugger_.write(*address, *bytes) ? done : refused;
}

std::string GdbSession::flash(std::string_view packet) {
    constexpr std::string_view erase = "vFlashErase:", write = "vFlashWrite:";
    const bool erases = packet.starts_with(erase), writes = packet.starts_with(write);
    if (packet == "vFlashDone") return done;
    if (!erases && !writes) return unsupported;
    GdbArguments reader(packet.substr(erase.size()));  // both names are of one length
    const auto address = reader.number();
    if (!address) return malformed;
    std::vector<std::uint8_t> bytes;
    if (erases) {
        const auto size = reader.number_after(',');
        if (!size || *size > machine_.flash().size()) return malformed;
        bytes.assign(*size, 0xff);
    } else {
        if (!reader.take(':')) return malformed;
        bytes.assign(reader.rest().begin(), reader.rest().end());
    }
    const std::size_t flash_size = machine_.flash().size();
    if (*address < flash_base || *address - flash_base + bytes.size() > flash_size) return refused;
    machine_.load_bytes(*address, bytes);
    return done;
}

// --- breakpoints ---------------------------------------------------------------------------------

// In RAM a breakpoint is an instruction; the comparators of the FPB reach flash alone.
bool GdbSession::change_software_breakpoint(std::uint32_t address, bool set) {
    constexpr std::array<std::uint8_t, 2> bkpt{0x00, 0xbe};
    if (!set) {
        const auto found = software_breakpoints_.find(address);
        if (found == software_breakpoints_.end()) return true;
        const auto original = std::exchange(found->second, {});
        software_breakpoints_.erase(found);
        return debugger_.write(address, original);
    }
    if (software_breakpoints_.contains(address)) return true;
    auto original = debugger_.read(address, bkpt.size());
    if (original.size() != bkpt.size() || !debugger_.write(address, bkpt)) return false;
    software_breakpoints_.emplace(address, std::move(original));
    return true;
}

std::string GdbSession::change_breakpoint(std::string_view arguments, bool set) {
    GdbArguments reader(arguments);
    const auto type = reader.number();
    const auto address = reader.number_after(',');
    const auto size = reader.number_after(',');
    if (!type || !address || !size) return malformed;
    switch (*type) {
        case 0:
        case 1:
            if (*address >= ram_base) return change_software_breakpoint(*address & ~1u, set) ? done : refused;
            if (set) return debugger_.set_breakpoint(*address) ? done : exhausted;
            static_cast<void>(debugger_.clear_breakpoint(*address));
            return done;
        case 2:
        case 3:
        case 4: {
            const Watch kind = *type == 2 ? Watch::write : *type == 3 ? Watch::read : Watch::access;
            if (set) return debugger_.set_watchpoint(*address, *size, kind) ? done : exhausted;
            static_cast<void>(debugger_.clear_watchpoint(*address, kind));
            return done;
        }
        default:
            return unsupported;
    }
}

// --- running -------------------------------------------------------------------------------------

GdbReply GdbSession::resume(char how, std::string_view arguments) {
    if (!arguments.empty()) {
        GdbArguments reader(arguments);
        const auto address = reader.number();
        if (!address) return {malformed};
        debugger_.set_reg(CoreRegister::pc, *address);
    }
    crashed_ = false;
    if (how == 's')
        debugger_.step();
    else
        debugger_.resume();
    return {{}, GdbReply::Then::run};
}

std::string GdbSession::stop_reply() {
    constexpr const char *interrupted = "T02", *trapped = "T05", *crashed = "T0b";
    const HaltCause cause = debugger_.take_cause();
    const auto hit = debugger_.take_watch_hit();
    if (crashed_) return crashed;
    if (cause.watchpoint && hit) {
        const char* const kind = hit->kind == Watch::write ? "watch" : hit->kind == Watch::read ? "rwatch" : "awatch";
        return fmt::format("{}{}:{:x};", trapped, kind, hit->address);
    }
    if (cause.breakpoint) {
        const bool software = software_breakpoints_.contains(debugger_.reg(CoreRegister::pc));
        return fmt::format("{}{}:;", trapped, software ? "swbreak" : "hwbreak");
    }
    const bool in_fault_handler = (debugger_.reg(CoreRegister::xpsr) & 0x1ff) != 0;
    if (cause.vector_catch) return in_fault_handler ? crashed : trapped;
    return cause.requested ? trapped : interrupted;
}

GdbReply GdbSession::monitor(std::string_view hex) {
    const auto bytes = from_hex(hex);
    if (!bytes) return {malformed};
    const std::string command(bytes->begin(), bytes->end());
    if (command == "reset" || command == "reset halt" || command == "halt") {
        if (command == "halt") return {done};  // it is
        crashed_ = false;
        return {done, GdbReply::Then::reset};
    }
    if (command == "time") return {as_hex(fmt::format("{:.6f} s\n", seconds(machine_.now())))};
    if (command == "catch faults" || command == "catch nothing") {
        debugger_.catch_faults(command == "catch faults");
        return {done};
    }
    if (command == "button on" || command == "button off") {
        if (!machine_.wiring().has_button) return {as_hex("this board has no button\n")};
        machine_.press_button(command == "button on");
        return {done};
    }
    const std::string complaint =
        command == "help" ? "" : fmt::format("there is no 'monitor {}'; there are:\n", command);
    return {as_hex(complaint + std::string(monitor_help))};
}

}  // namespace sim::debug
