// SPDX-License-Identifier: ISC
// The Cortex-M3: Unicorn executes instructions, this class does the rest, exceptions, sleep, faults, time.
//
// Every instruction passes a hook first. There time is counted, and there alone the run is ever stopped, because only
// there program counter and registers are exact.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "sim/chip/chip.hpp"
#include "sim/chip/cycle_model.hpp"

struct uc_struct;

namespace sim::chip {

/// Registers and whatever else of the core decides how it goes on. Plain data.
struct CoreState {
    std::array<std::uint32_t, 16> r{};  ///< r13 is the stack pointer in use, r15 the next instruction.
    std::uint32_t xpsr = 0, msp = 0, psp = 0, control = 0, primask = 0, basepri = 0, faultmask = 0;
    bool sleeping = false, sleeping_for_event = false, just_returned = false;
    std::uint32_t expected_pc = 0;
    Time stalled_until{};  ///< A load from flash under operation waits.
    std::uint32_t lowest_sp = 0xffff'ffff;
};

class Core {
  public:
    explicit Core(Chip& chip);
    ~Core();
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    /// Stack pointer and PC from the vector table (B1.5.5).
    void reset();
    /// As reset(), at this address and with this stack, whatever the vector table says: what code that is not modelled,
    /// in system memory, leaves behind. Bit 0 of the address is ignored.
    void park(std::uint32_t address, std::uint32_t stack);
    /// Runs until the time has come. Returns early, PC exact, when Services asks for a reset, a
    /// power cut or a refusal.
    void run_until(Time when);

    /// Of flash, RAM or the system page; false where there is none.
    bool load_word(std::uint32_t address, std::uint32_t& value) const;
    /// The bytes of flash, RAM or the system page; nullptr where there is none or not so many.
    const std::uint8_t* memory(std::uint32_t address, std::uint32_t size) const;
    std::uint32_t reg(int number) const;
    std::uint32_t xpsr() const;
    bool sleeping() const { return sleeping_; }
    CoreState save() const;
    void load(const CoreState& state);
    /// Registers by DCRSR.REGSEL (ARMv7-M ARM C1.6.3), for the debugger.
    std::uint32_t debug_register(unsigned number) const;
    void set_debug_register(unsigned number, std::uint32_t value);
    /// Called from inside the run as long as the core is in debug state; no time passes meanwhile. It may use the debug
    /// registers and request a reset, and must not run the machine. Empty: time goes on, without instructions.
    std::function<void()> on_halt;

    /// Code in [address, address + size) may have changed behind Unicorn's back.
    void forget_code(std::uint32_t address, std::uint32_t size);

    void watch(std::uint32_t address, std::function<void(Time)> callback);
    void clear_watches();
    std::string report(const std::string& cause) const;

    std::uint64_t instructions = 0;
    std::uint32_t lowest_sp = 0xffff'ffff;

  private:
    friend struct CoreHooks;
    struct Skipper;

    void map_memory();
    void add_hooks();
    void on_instruction(std::uint32_t pc, std::uint32_t size);
    void look_closer(std::uint32_t pc, std::uint16_t code, std::uint8_t flags);
    /// True: a breakpoint is here, and the instruction is not to be executed.
    bool visit(std::uint32_t pc);
    void choose_anchor(std::uint32_t pc);
    void compare_round();
    void skip_countdown(std::uint32_t pc, std::uint16_t code);
    void hint(std::uint32_t pc, std::uint16_t code);
    void check_divide(std::uint32_t pc);
    void on_data_access(bool is_write, std::uint32_t address, unsigned size);
    bool on_bad_access(int type, std::uint32_t address, unsigned size, std::uint32_t value);
    void on_interrupt(std::uint32_t number);
    void repair_flash();
    void stop();

    bool step_outside(Time when);
    void execute(std::int64_t deadline);
    void after_stop(int error);
    void take_pending();
    void enter_exception(int number, std::uint32_t return_address);
    void return_from_exception(std::uint32_t exc_return);
    void raise_fault(Fault fault, std::uint32_t address, std::uint32_t return_address);
    void escalate(int number, std::uint32_t return_address);
    bool ignores_bus_faults() const;
    void pass_over(std::uint32_t address);
    /// Throws, unless a probe may attach: then the core waits for it, or for a reset.
    void lock_up(const std::string& cause);
    void wire_debug();
    void look_at_debug();
    void place_breakpoints();
    void want_halt(std::uint32_t event);
    void enter_debug_state();
    bool paused(Time when);
    void single_step(Time when);
    void catch_vector(int number);
    bool store_word(std::uint32_t address, std::uint32_t value);
    Masks masks() const;
    void set_reg(int unicorn_register, std::uint32_t value);
    std::uint32_t get_reg(int unicorn_register) const;
    std::uint32_t pc() const;
    void set_pc(std::uint32_t address);
    /// From handler mode to what xpsr says, then CONTROL where the new mode may write it.
    void switch_mode(std::uint32_t xpsr, std::uint32_t control);

    Chip& chip_;
    Services& services_;
    uc_struct* uc_ = nullptr;
    const std::array<InstructionInfo, 65536>& table_;

    std::int64_t deadline_ = 0;      ///< Cycle at which something else is due.
    std::uint32_t current_pc_ = 0;   ///< Of the instruction under way.
    std::uint32_t expected_pc_ = 0;  ///< Where straight execution goes next.
    std::uint8_t current_flags_ = 0;
    std::uint32_t it_begin_ = 0, it_end_ = 0;  ///< An IT block: Unicorn cannot be stopped inside.
    bool sleeping_ = false, sleeping_for_event_ = false, just_returned_ = false;
    bool running_ = false;
    Time stalled_until_{};
    std::uint32_t halt_events_ = 0;  ///< What is to halt the core before the next instruction, as in DFSR.
    bool watches_data_ = false;
    std::vector<std::uint32_t> breakpoints_;

    enum class Action : std::uint8_t { none, sleep, svc, exception_return, breakpoint };
    Action action_ = Action::none;
    std::uint32_t action_value_ = 0;
    Fault engine_fault_ = Fault::none;  ///< Of an access that Unicorn reported and did not perform.
    std::uint32_t engine_fault_address_ = 0;

    struct Repair {
        std::uint32_t address = 0;
        std::uint32_t size = 0;
        std::array<std::uint8_t, 8> bytes{};
    };
    std::vector<Repair> repairs_;
    struct Range {
        std::uint32_t address, size;
    };
    std::vector<Range> forgotten_;  ///< Translated code that is to go as soon as the engine stops.

    std::array<std::uint8_t, 4096> filter_{};  ///< Hash of watched addresses.
    std::map<std::uint32_t, std::vector<std::function<void(Time)>>> watches_;
    std::vector<std::uint8_t> code_pages_;      ///< Pages of 1 KiB of flash, then RAM, from which code ran.
    std::array<std::uint32_t, 16> branches_{};  ///< Last places that were branched to.
    std::size_t branch_count_ = 0;
    std::unique_ptr<Skipper> skipper_;
};

}  // namespace sim::chip
