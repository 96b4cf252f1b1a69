// SPDX-License-Identifier: ISC
// Which command does what.
#include "sim/debug/stlink.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "sim/usb/bus_timing.hpp"

namespace sim::debug {
namespace {

enum Command : std::uint8_t {
    get_version = 0xf1,
    debug_command = 0xf2,
    dfu_command = 0xf3,
    swim_command = 0xf4,
    get_mode = 0xf5,
    get_target_voltage = 0xf7
};
constexpr std::uint8_t dfu_exit = 0x07;
namespace debug_is {
enum : std::uint8_t {
    read_memory_32 = 0x07,
    write_memory_32 = 0x08,
    read_memory_8 = 0x0c,
    write_memory_8 = 0x0d,
    leave = 0x21,
    read_core_id = 0x22,
    enter = 0x30,
    read_idcodes = 0x31,
    reset_system = 0x32,
    read_register = 0x33,
    write_register = 0x34,
    write_word = 0x35,
    read_word = 0x36,
    read_all_registers = 0x3a,
    last_status = 0x3b,
    drive_reset = 0x3c,
    last_status_and_address = 0x3e,
    stop_trace = 0x41,
    set_frequency = 0x43,
    read_port = 0x45,
    write_port = 0x46,
    read_memory_16 = 0x47,
    write_memory_16 = 0x48,
    open_access_port = 0x4b,
    close_access_port = 0x4c,
};
}  // namespace debug_is

constexpr std::uint8_t serial_wire = 0xa3;
constexpr std::uint16_t debug_port = 0xffff;
constexpr std::size_t command_length = 16;
/// The firmware's buffer, and what a byte-wise access may have of it.
constexpr std::size_t longest = 6144, longest_in_bytes = 64;

enum Status : std::uint8_t {
    ok = 0x80,
    fault = 0x81,
    no_target = 0x09,
    ap_wait = 0x10,
    ap_fault = 0x11,
    bad_command = 0x0c
};

constexpr std::uint32_t dhcsr = 0xe000'edf0, dcrsr = 0xe000'edf4, dcrdr = 0xe000'edf8;
constexpr std::uint32_t register_ready = 1u << 16, register_write = 1u << 16;
constexpr unsigned patience = 100;
constexpr Time usual_period{555'000};  // 1.8 MHz
constexpr Time reset_pulse = millisecond, after_reset = millisecond;

/// Packets of a full-speed bulk endpoint, and how many of them fit into a frame (USB 2.0 5.8.4, table 5-9).
constexpr std::size_t packet_length = 64, packets_a_frame = 19;

std::uint16_t u16(std::span<const std::uint8_t> bytes, std::size_t at) {
    return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8);
}
std::uint32_t u32(std::span<const std::uint8_t> bytes, std::size_t at) {
    return std::uint32_t{u16(bytes, at + 2)} << 16 | u16(bytes, at);
}
void put(StLink::Bytes& bytes, std::uint32_t value) {
    for (unsigned lane = 0; lane < 4; ++lane)
        bytes.push_back(static_cast<std::uint8_t>(value >> (8 * lane)));
}
std::uint8_t status_of(Acknowledgement acknowledgement) {
    switch (acknowledgement) {
        case Acknowledgement::ok:
            return Status::ok;
        case Acknowledgement::wait:
            return Status::ap_wait;
        case Acknowledgement::fault:
            return Status::ap_fault;
        default:
            return Status::no_target;
    }
}

}  // namespace

StLink::StLink(Machine& machine, Wires wires)
    : machine_(machine),
      wires_(std::move(wires)),
      period_(usual_period),
      link_(machine, [this](unsigned periods) { wires_.let_pass(static_cast<std::int64_t>(periods) * period_); }),
      memory_status_(Status::ok) {}

void StLink::forget() {
    answer_.reset();
    write_.reset();
    wires_.hold_reset(false);
}

/// Controllers for full speed report a transfer when the frame in which it ended is over, so none takes less than one.
void StLink::pass_frames(std::size_t bytes) {
    const std::size_t packets = std::max<std::size_t>((bytes + packet_length - 1) / packet_length, 1);
    const std::size_t frames = (packets + packets_a_frame - 1) / packets_a_frame;
    wires_.let_pass(static_cast<std::int64_t>(frames) * millisecond);
}

std::optional<StLink::Bytes> StLink::give(std::size_t room) {
    if (!answer_) return std::nullopt;
    const std::size_t count = std::min(room, answer_->size());
    Bytes given(answer_->begin(), answer_->begin() + static_cast<std::ptrdiff_t>(count));
    answer_->erase(answer_->begin(), answer_->begin() + static_cast<std::ptrdiff_t>(count));
    if (answer_->empty()) answer_.reset();
    pass_frames(given.size());
    return given;
}

void StLink::take(std::span<const std::uint8_t> bytes) {
    pass_frames(bytes.size());
    if (write_) {
        const PendingWrite write = *write_;
        write_.reset();
        const bool whole = bytes.size() == write.length;
        const auto done = whole ? link_.write_memory(write.address, write.width, bytes) : Acknowledgement::fault;
        memory_status_ = status_of(done);
        memory_fault_ = write.address;
        return;
    }
    answer_.reset();                                     // one that nobody has fetched
    std::array<std::uint8_t, command_length> command{};  // some programs send the beginning alone
    std::copy_n(bytes.begin(), std::min(bytes.size(), command.size()), command.begin());
    obey(command);
}

void StLink::answer_status(Acknowledgement acknowledgement) {
    answer({status_of(acknowledgement), 0});
}

void StLink::answer_word(Acknowledgement acknowledgement, std::uint32_t value) {
    Bytes bytes{status_of(acknowledgement), 0, 0, 0};
    put(bytes, value);
    answer(std::move(bytes));
}

void StLink::obey(std::span<const std::uint8_t> command) {
    switch (command[0]) {
        case get_version:
            // V2J37S7: four bits, then twice six; the USB ids behind it.
            return answer({0x29, 0x47, 0x83, 0x04, 0x48, 0x37});
        case get_mode:
            return answer({static_cast<std::uint8_t>(mode_), 0});
        case get_target_voltage: {
            // The reference of 1.2 V, and half of the target's supply, as its converter counts them.
            Bytes bytes;
            put(bytes, 1491);
            put(bytes, machine_.powered() ? 2050 : 0);
            return answer(std::move(bytes));
        }
        case dfu_command:
            if (command[1] == dfu_exit) mode_ = Mode::mass_storage;
            return;
        case swim_command:
            return;
        case debug_command:
            return obey_debug(command);
        default:
            wires_.log(fmt::format("the probe does not know command 0x{:02x}", command[0]));
            return answer({Status::bad_command, 0});
    }
}

void StLink::obey_debug(std::span<const std::uint8_t> command) {
    const std::uint32_t first = u32(command, 2), second = u32(command, 6);
    const std::size_t length = u16(command, 6);
    std::uint32_t value = 0;
    switch (command[1]) {
        case debug_is::enter:
            return enter(command[2]);
        case debug_is::leave:
            mode_ = Mode::mass_storage;
            return;
        case debug_is::read_core_id: {
            Bytes bytes;
            put(bytes, link_.identification());
            return answer(std::move(bytes));
        }
        case debug_is::read_idcodes: {
            Bytes bytes{Status::ok, 0, 0, 0};
            put(bytes, link_.identification());
            put(bytes, 0);
            return answer(std::move(bytes));
        }
        case debug_is::read_memory_32:
            return read_memory(4, first, length);
        case debug_is::read_memory_16:
            return read_memory(2, first, length);
        case debug_is::read_memory_8:
            return read_memory(1, first, length);
        case debug_is::write_memory_32:
            write_ = {.address = first, .width = 4, .length = length};
            return;
        case debug_is::write_memory_16:
            write_ = {.address = first, .width = 2, .length = length};
            return;
        case debug_is::write_memory_8:
            write_ = {.address = first, .width = 1, .length = length};
            return;
        case debug_is::last_status:
            return answer({memory_status_, 0});
        case debug_is::last_status_and_address: {
            Bytes bytes{memory_status_, 0, 0, 0};
            put(bytes, memory_fault_);
            put(bytes, 0);
            return answer(std::move(bytes));
        }
        case debug_is::read_word: {
            const auto done = read_word(first, value);
            return answer_word(done, value);
        }
        case debug_is::write_word:
            return answer_status(write_word(first, second));
        case debug_is::read_register: {
            const auto done = read_register(command[2], value);
            return answer_word(done, value);
        }
        case debug_is::write_register:
            return answer_status(write_register(command[2], u32(command, 3)));
        case debug_is::read_all_registers:
            return read_all_registers();
        case debug_is::read_port: {
            const std::uint32_t address = u16(command, 4);
            const auto done = u16(command, 2) == debug_port ? link_.read_port(address, value)
                                                            : link_.read_access_port(address, value);
            return answer_word(done, value);
        }
        case debug_is::write_port: {
            const std::uint32_t address = u16(command, 4);
            return answer_status(u16(command, 2) == debug_port ? link_.write_port(address, second)
                                                               : link_.write_access_port(address, second));
        }
        case debug_is::reset_system:
            drive_reset(2);
            return answer({Status::ok, 0});
        case debug_is::drive_reset:
            drive_reset(command[2]);
            return answer({Status::ok, 0});
        case debug_is::set_frequency:
        case debug_is::stop_trace:
        case debug_is::open_access_port:
        case debug_is::close_access_port:
            return answer({Status::ok, 0});
        default:
            wires_.log(fmt::format("the probe does not know debug command 0x{:02x}", command[1]));
            return answer({Status::bad_command, 0});
    }
}

void StLink::enter(std::uint8_t protocol) {
    if (protocol != serial_wire) {
        wires_.log("the probe was asked for JTAG, and has serial wire only");
        return answer({Status::fault, 0});
    }
    const auto done = link_.connect();
    if (done == Acknowledgement::ok) mode_ = Mode::debug;
    answer_status(done);
}

void StLink::read_memory(unsigned width, std::uint32_t address, std::size_t length) {
    const std::size_t most = width == 1 ? longest_in_bytes : longest;
    // A single byte comes with another one behind it.
    Bytes bytes(std::max<std::size_t>(std::min(length, most), 2));
    const auto wanted = std::span(bytes).first(std::min(length, most));
    const bool possible = length <= most && length % width == 0;
    memory_status_ = status_of(possible ? link_.read_memory(address, width, wanted) : Acknowledgement::fault);
    memory_fault_ = address;
    answer(std::move(bytes));
}

Acknowledgement StLink::read_word(std::uint32_t address, std::uint32_t& value) {
    std::array<std::uint8_t, 4> bytes{};
    const auto done = link_.read_memory(address, 4, bytes);
    value = u32(bytes, 0);
    return done;
}

Acknowledgement StLink::write_word(std::uint32_t address, std::uint32_t value) {
    Bytes bytes;
    put(bytes, value);
    return link_.write_memory(address, 4, bytes);
}

/// ARMv7-M ARM C1.6.3: the number, then the data when it is ready.
Acknowledgement StLink::read_register(std::uint32_t number, std::uint32_t& value) {
    std::uint32_t status = 0;
    auto done = write_word(dcrsr, number);
    for (unsigned looks = 0; done == Acknowledgement::ok && (status & register_ready) == 0; ++looks) {
        if (looks == patience) return Acknowledgement::fault;
        done = read_word(dhcsr, status);
    }
    return done == Acknowledgement::ok ? read_word(dcrdr, value) : done;
}

Acknowledgement StLink::write_register(std::uint32_t number, std::uint32_t value) {
    const auto done = write_word(dcrdr, value);
    return done == Acknowledgement::ok ? write_word(dcrsr, number | register_write) : done;
}

void StLink::read_all_registers() {
    constexpr std::uint32_t count = 21;  // r0 to r15, xPSR, MSP, PSP, and two that nobody reads
    constexpr std::uint32_t meaningful = 19;
    Bytes bytes{Status::ok, 0, 0, 0};
    for (std::uint32_t number = 0; number < count; ++number) {
        std::uint32_t value = 0;
        if (number < meaningful) bytes[0] = std::max(bytes[0], status_of(read_register(number, value)));
        put(bytes, value);
    }
    answer(std::move(bytes));
}

/// 0 low, 1 high, 2 a pulse.
void StLink::drive_reset(std::uint8_t how) {
    if (how != 1) wires_.hold_reset(true);
    if (how == 2) wires_.let_pass(reset_pulse);
    if (how != 0) wires_.hold_reset(false);
    wires_.let_pass(after_reset);
}

}  // namespace sim::debug
