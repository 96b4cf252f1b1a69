// SPDX-License-Identifier: ISC
// TIM1 (RM0008 14) and TIM2 to TIM4 (RM0008 15): a counter that runs up, down or both ways, four channels that compare
// or capture, PWM on pins, update and compare interrupts, one-pulse mode, and what TIM1 has beyond: repetition counter,
// complementary outputs with dead time, break, commutation. Slave modes, encoder and DMA requests are not modelled;
// what turns them on is refused.
#pragma once

#include <array>
#include <optional>

#include "sim/chip/alternate_pins.hpp"
#include "sim/chip/peripheral.hpp"
#include "sim/chip/rcc.hpp"

namespace sim::chip {

/// What tells the timers apart.
struct TimerKind {
    Place place;
    bool advanced = false;          ///< TIM1: RCR, BDTR.
    unsigned update_interrupt = 0;  ///< RM0008 table 63; TIM2 to TIM4 have one for everything.
    unsigned compare_interrupt = 0, break_interrupt = 0, trigger_interrupt = 0;
    RemapField remap{};
    std::array<SignalPins, 4> channels{};
    std::array<SignalPins, 3> complementary{};
    SignalPins break_input{};
};
const TimerKind& tim1();
const TimerKind& tim2();
const TimerKind& tim3();
const TimerKind& tim4();

struct TimerState {
    static constexpr std::size_t channels = 4, complements = 3;
    std::uint32_t cr1 = 0, cr2 = 0, smcr = 0, dier = 0, sr = 0, ccer = 0, bdtr = 0, dcr = 0;
    std::array<std::uint32_t, 2> ccmr{};
    std::uint32_t active_ccer = 0;  ///< In use: with CCPC they wait for a commutation.
    std::array<std::uint32_t, 2> active_ccmr{};
    std::uint32_t psc = 0, arr = 0xffff, rcr = 0;                         ///< As written.
    std::uint32_t active_psc = 0, active_arr = 0xffff, periods_left = 0;  ///< In use: they wait for an update.
    std::array<std::uint32_t, channels> ccr{}, active_ccr{};
    std::uint32_t counter = 0;  ///< At `at`.
    bool down = false;
    Time at{};
    std::array<bool, channels> reference{};             ///< OCxREF.
    std::array<std::optional<Pin>, channels> driven{};  ///< The pin that the channel drives.
    std::array<std::optional<Pin>, complements> driven_complement{};
    std::array<Time, complements> reference_since{};  ///< Dead times begin here,
    Time outputs_off_since{};                         ///< and here.
    bool lock_decided = false;                        ///< BDTR has been written.
};

class Timer : public Peripheral {
  public:
    Timer(Services& services, const Rcc& rcc, AlternatePins pins, const TimerKind& kind);
    State<TimerState> state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    /// Takes the counter to this instant, with all events on the way.
    void latch() override;
    void rearm() override;
    void on_pin(Pin pin, Level level) override;

  private:
    bool running() const;
    std::int64_t ticks_to_event() const;
    void advance(std::int64_t ticks);
    void event();
    void update_event(bool by_software);
    void compare_all();
    void compare(std::size_t channel);
    bool is_input(std::size_t channel) const;
    std::uint32_t mode(std::size_t channel) const;
    void update_line();
    void write_ccmr(std::size_t pair, std::uint32_t value);
    void write_ccer(std::uint32_t value);
    void generate(std::uint32_t events);
    void capture(std::size_t channel);
    void commute();

    struct Outputs {
        std::optional<Level> main, complement;
    };
    Outputs outputs(std::size_t channel) const;
    std::uint32_t output_bits(std::size_t channel) const;
    bool has_complement(std::size_t channel) const;
    Time dead_time() const;
    void set_reference(std::size_t channel, bool active);
    void drive(std::size_t channel);
    void drive_all();
    void drive_pin(std::optional<Pin>& driven, Pin pin, std::optional<Level> level);
    void watch_dead_times();
    bool break_active() const;
    void set_main_output(bool on);
    void break_outputs();
    void look_at_break();
    void restore_outputs();
    void write_bdtr(std::uint32_t value);
    std::uint32_t lock_level() const { return state.bdtr >> 8 & 3; }

    const Rcc& rcc_;
    AlternatePins pins_;
    const TimerKind& kind_;
    Alarm next_event_, dead_time_over_;
    InterruptLine update_line_, compare_line_, break_line_, trigger_line_;
};

}  // namespace sim::chip
