// SPDX-License-Identifier: ISC
// TIM1 (RM0008 14) and TIM2 to TIM4 (RM0008 15): a counter that runs up, down or both ways, four channels that compare
// or capture, PWM on pins, one-pulse mode, slave modes, encoder, external clocks, requests to the DMA, and what TIM1
// has beyond: repetition counter, complementary outputs with dead time, break, commutation.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "sim/chip/alternate_pins.hpp"
#include "sim/chip/peripheral.hpp"
#include "sim/chip/rcc.hpp"
#include "sim/chip/timer_requests.hpp"

namespace sim::chip {

/// What tells the timers apart.
struct TimerKind {
    Place place;
    unsigned number = 0;            ///< In its name.
    bool advanced = false;          ///< TIM1: RCR, BDTR.
    unsigned update_interrupt = 0;  ///< RM0008 table 63; TIM2 to TIM4 have one for everything.
    unsigned compare_interrupt = 0, break_interrupt = 0, trigger_interrupt = 0;
    RemapField remap{};
    std::array<SignalPins, 4> channels{};
    std::array<SignalPins, 3> complementary{};
    SignalPins break_input{};
    SignalPins etr{};
    std::array<unsigned, 4> internal_triggers{};  ///< Numbers of the timers behind ITR0 to ITR3; 0: none here.
    TimerDma dma{};
};
const TimerKind& tim1();
const TimerKind& tim2();
const TimerKind& tim3();
const TimerKind& tim4();

struct TimerState {
    static constexpr std::size_t channels = 4, complements = 3, inputs = 5;  ///< TI1 to TI4, ETR.
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
    std::array<Time, complements> reference_since{};                      ///< Dead times begin here,
    Time outputs_off_since{};                                             ///< and here.
    bool lock_decided = false;                                            ///< BDTR has been written.
    std::uint32_t in_prescaler = 0;                                       ///< Clocks since the counter moved.
    std::array<bool, inputs> filtered{};                                  ///< TIxF, ETRF,
    std::array<Time, inputs> settles{never, never, never, never, never};  ///< and when they follow their inputs.
    std::array<std::uint8_t, channels> capture_edges{};                   ///< Of ICxPSC.
    std::uint8_t etr_edges = 0;                                           ///< Of ETPS.
    std::array<bool, channels> cleared{};                                 ///< OCxREF is held low since ETRF was high.
    bool gate = false;                                                    ///< TRGI, as gated mode sees it.
    bool trigger_out = false;                                             ///< TRGO, where that is a level.
    TimerBurst burst;
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
    /// Joins this timer's ITRs to the TRGOs of the others; once, when all are built.
    void connect(std::span<Timer* const> timers);
    /// The clock security system has found HSE dead.
    void clock_failed();

  private:
    static constexpr std::size_t etr = 4;  ///< Behind TI1 to TI4.

    bool clocked() const;
    bool running() const;
    bool centred() const;
    void catch_up();
    void settle_counter();
    std::int64_t ticks_to_event() const;
    void move(std::int64_t ticks);
    void advance(std::int64_t ticks);
    void count_edge();
    void event();
    void happened(unsigned what);
    void reinitialise();
    void update_event(bool asked_for);
    std::optional<std::uint32_t> burst_target();
    static std::uint32_t channel_field(const std::array<std::uint32_t, 2>& ccmr, std::size_t channel, unsigned low,
                                       unsigned width);
    std::uint32_t capture_source(std::size_t channel) const;

    std::int64_t sampling_clocks() const;
    Time filter_time(std::size_t input) const;
    bool raw_input(std::size_t input) const;
    bool input_active(std::size_t input) const;
    void look_at_inputs();
    void on_input(std::size_t input);
    void capture_input(std::size_t input);
    void capture_edge(std::size_t channel);
    void on_external_trigger(bool active);

    std::uint32_t slave_mode() const { return state.smcr & 7; }
    std::uint32_t trigger_source() const { return field(state.smcr, 4, 3); }
    std::uint32_t master_mode() const { return field(state.cr2, 4, 3); }
    bool is_encoder() const;
    void write_smcr(std::uint32_t value);
    bool trigger_level() const;
    void on_trigger(std::uint32_t source, bool rises, bool stays);
    void on_master(std::uint32_t input, bool rises, bool stays);
    void count_encoder(std::size_t input);
    void look_at_trigger_output();
    void pulse_trigger();
    void tell_slaves(bool rises, bool stays);

    void compare_all();
    void compare(std::size_t channel);
    bool held_low(std::size_t channel);
    bool is_input(std::size_t channel) const { return capture_source(channel) != 0; }
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
    Alarm next_event_, dead_time_over_, filtered_;
    TimerRequests requests_;
    struct Slave {
        Timer* timer;
        std::uint32_t input;  ///< ITR0 to ITR3.
    };
    std::vector<Slave> slaves_;
    std::array<Timer*, 4> masters_{};
    bool latching_ = false, telling_ = false;  ///< Only while a call lasts.
    InterruptLine update_line_, compare_line_, break_line_, trigger_line_;
};

}  // namespace sim::chip
