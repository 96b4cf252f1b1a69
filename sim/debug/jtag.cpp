// SPDX-License-Identifier: ISC
// The state machine of IEEE 1149.1, and the core's data registers (ADIv5 B3).
#include "sim/debug/jtag.hpp"

#include <array>

namespace sim::debug {
namespace {

enum Instruction : std::uint32_t { abort = 0x8, dpacc = 0xa, apacc = 0xb, idcode = 0xe };
constexpr std::uint32_t boundary_idcode_instruction = 0x01;
constexpr std::uint32_t core_idcode = 0x3ba0'0477;
constexpr std::uint64_t ok_or_fault = 0b010;
constexpr unsigned access_length = 35;

}  // namespace

Jtag::Jtag(Machine& machine) : machine_(machine), port_(machine) {
    // RM0008 31.6.1: revision, 0x6 and DEV_ID, ST's number.
    const std::uint32_t boundary = 0x1600'0041 | (machine.variant().idcode & 0xfff) << 12;
    boundary_ = {.ir_length = 5, .idcode_instruction = boundary_idcode_instruction, .idcode = boundary};
    core_ = {.ir_length = 4, .idcode_instruction = idcode, .idcode = core_idcode};
    enter_reset();
}

void Jtag::enter_reset() {
    for (Tap* const tap : {&boundary_, &core_})
        tap->ir = tap->idcode_instruction;
}

void Jtag::reset() {
    state_ = State::test_logic_reset;
    enter_reset();
}

bool Jtag::Tap::shift_bit(bool in) {
    const bool out = (shift & 1) != 0;
    shift = shift >> 1 | std::uint64_t{in} << (length - 1);
    return out;
}

Jtag::State Jtag::next(State state, bool tms) {
    using enum State;
    static constexpr std::array<std::array<State, 2>, 16> after{{
        {run_test_idle, test_logic_reset},  // test_logic_reset
        {run_test_idle, select_dr},         // run_test_idle
        {capture_dr, select_ir},            // select_dr
        {shift_dr, exit1_dr},               // capture_dr
        {shift_dr, exit1_dr},               // shift_dr
        {pause_dr, update_dr},              // exit1_dr
        {pause_dr, exit2_dr},               // pause_dr
        {shift_dr, update_dr},              // exit2_dr
        {run_test_idle, select_dr},         // update_dr
        {capture_ir, test_logic_reset},     // select_ir
        {shift_ir, exit1_ir},               // capture_ir
        {shift_ir, exit1_ir},               // shift_ir
        {pause_ir, update_ir},              // exit1_ir
        {pause_ir, exit2_ir},               // pause_ir
        {shift_ir, update_ir},              // exit2_ir
        {run_test_idle, select_dr},         // update_ir
    }};
    return after[static_cast<std::size_t>(state)][tms ? 1 : 0];
}

bool Jtag::tdo() const {
    const bool shifts = state_ == State::shift_dr || state_ == State::shift_ir;
    return !machine_.jtag_connected() || !shifts || (core_.shift & 1) != 0;
}

void Jtag::drive(bool tck, bool tms, bool tdi) {
    const bool rises = tck && !tck_;
    tck_ = tck;
    if (!rises) return;
    if (!machine_.jtag_connected()) return reset();
    switch (state_) {
        case State::capture_dr:
            capture_dr();
            break;
        case State::capture_ir:
            for (Tap* const tap : {&boundary_, &core_}) {
                tap->shift = 1;
                tap->length = tap->ir_length;
            }
            break;
        case State::shift_dr:
        case State::shift_ir:
            core_.shift_bit(boundary_.shift_bit(tdi));
            break;
        default:
            break;
    }
    state_ = next(state_, tms);
    if (state_ == State::test_logic_reset) enter_reset();
    if (state_ == State::update_dr) update_dr();
    if (state_ == State::update_ir) {
        boundary_.ir = static_cast<std::uint32_t>(boundary_.shift);
        core_.ir = static_cast<std::uint32_t>(core_.shift);
    }
}

void Jtag::capture_dr() {
    for (Tap* const tap : {&boundary_, &core_}) {
        const bool id = tap->ir == tap->idcode_instruction;
        tap->shift = id ? tap->idcode : 0;
        tap->length = id ? 32 : 1;
    }
    if (core_.ir != dpacc && core_.ir != apacc && core_.ir != abort) return;
    core_.shift = std::uint64_t{result_} << 3 | ok_or_fault;
    core_.length = access_length;
}

void Jtag::update_dr() {
    const bool reads = (core_.shift & 1) != 0;
    const auto address = static_cast<std::uint32_t>(core_.shift << 1 & 0xc);
    const auto value = static_cast<std::uint32_t>(core_.shift >> 3);
    if (core_.ir == dpacc) {
        if (reads)
            result_ = port_.read(address);
        else
            port_.write(address, value);
    } else if (core_.ir == apacc) {
        if (reads)
            result_ = port_.read_access_port(address);
        else
            port_.write_access_port(address, value);
    }
}

}  // namespace sim::debug
