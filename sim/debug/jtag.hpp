// SPDX-License-Identifier: ISC
// JTAG at the pins (IEEE 1149.1; RM0008 31.6): the boundary-scan TAP behind TDI, then the core's, which leads to TDO.
// The boundary-scan register itself is not modelled: that TAP has IDCODE and BYPASS.
#pragma once

#include <cstdint>

#include "sim/debug/debug_port.hpp"

namespace sim::debug {

class Jtag {
  public:
    explicit Jtag(Machine& machine);

    /// The pins as a probe drives them. On a rising TCK the TAPs move; nothing does while the program has taken the
    /// pins away (AFIO_MAPR.SWJ_CFG).
    void drive(bool tck, bool tms, bool tdi);
    /// High where nobody drives it.
    [[nodiscard]] bool tdo() const;
    /// NJTRST.
    void reset();

  private:
    enum class State : std::uint8_t {
        test_logic_reset,
        run_test_idle,
        select_dr,
        capture_dr,
        shift_dr,
        exit1_dr,
        pause_dr,
        exit2_dr,
        update_dr,
        select_ir,
        capture_ir,
        shift_ir,
        exit1_ir,
        pause_ir,
        exit2_ir,
        update_ir,
    };
    struct Tap {
        unsigned ir_length = 0;
        std::uint32_t idcode_instruction = 0, idcode = 0;
        std::uint32_t ir = 0;
        std::uint64_t shift = 0;
        unsigned length = 1;
        bool shift_bit(bool in);
    };
    [[nodiscard]] static State next(State state, bool tms);
    void capture_dr();
    void update_dr();
    void enter_reset();

    Machine& machine_;
    DebugPort port_;
    State state_ = State::test_logic_reset;
    Tap boundary_, core_;
    bool tck_ = false;
    std::uint32_t result_ = 0;  ///< Of the last read, for the next capture.
};

}  // namespace sim::debug
