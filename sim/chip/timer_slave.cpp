// SPDX-License-Identifier: ISC
// A timer as the slave of a trigger and as the master of others: slave modes, encoder, TRGO
// (RM0008 14.3.16, 14.3.19, 15.3.3, 15.3.12, 15.3.14, 15.3.15). A slave follows at once; MSM, which only delays the
// master, changes nothing.
#include <fmt/format.h>

#include "sim/chip/timer.hpp"
#include "sim/chip/timer_bits.hpp"

namespace sim::chip {

using namespace timer_bits;

bool Timer::is_encoder() const {
    return slave_mode() >= encoder_ti1 && slave_mode() <= encoder_both;
}

void Timer::connect(std::span<Timer* const> timers) {
    for (std::size_t input = 0; input < masters_.size(); ++input) {
        for (Timer* const other : timers) {
            if (other->kind_.number != kind_.internal_triggers.at(input)) continue;
            masters_.at(input) = other;
            other->slaves_.push_back({.timer = this, .input = static_cast<std::uint32_t>(input)});
        }
    }
}

void Timer::write_smcr(std::uint32_t value) {
    const std::uint32_t before = state.smcr;
    state.smcr = value;
    const auto warn_if = [&](bool wrong, const char* what) {
        if (wrong) services_.warn(fmt::format("{}_SMCR: {}", place().name, what));
    };
    const std::uint32_t source = trigger_source(), slave = slave_mode();
    warn_if((before & 7) != 0 && slave != no_slave && ((before ^ value) & 0x70) != 0,
            "TS is changed while it is used (15.4.3)");
    warn_if(slave == gated_mode && source == ti1f_ed, "TI1F_ED is a pulse, and no gate (15.4.3)");
    warn_if((value & ece) != 0 && is_encoder(), "encoder and external clock mode 2 exclude each other (15.3.12)");
    warn_if((value & ece) != 0 && slave >= reset_mode && slave <= trigger_mode && source == etrf,
            "ETRF is the clock already, and cannot be the trigger (15.4.3)");
    warn_if(is_encoder() && field(state.cr1, 5, 2) != 0, "an encoder wants CMS = 0 (15.4.1)");
    if (slave != no_slave && source < ti1f_ed && masters_.at(source) == nullptr)
        services_.complain(fmt::format("{}_SMCR: ITR{} comes from a timer that is not modelled or not there (table 86)",
                                       place().name, source));
    if (((before ^ value) & 0x3000) != 0) state.etr_edges = 0;  // ETPS
    state.gate = trigger_level();
}

/// TRGI.
bool Timer::trigger_level() const {
    switch (const std::uint32_t source = trigger_source()) {
        case ti1f_ed:
            return false;
        case ti1fp1:
            return input_active(0);
        case ti2fp2:
            return input_active(1);
        case etrf:
            return state.filtered.at(etr);
        default:
            return masters_.at(source) != nullptr && masters_.at(source)->state.trigger_out;
    }
}

/// The signal `source` has risen (`rises`), or fallen, and is now high (`stays`); a pulse rises and does not stay.
void Timer::on_trigger(std::uint32_t source, bool rises, bool stays) {
    if (source != trigger_source()) return;
    if (rises && source <= ti1f_ed) {  // TRC
        for (std::size_t channel = 0; channel < TimerState::channels; ++channel)
            if (capture_source(channel) == 3) capture_edge(channel);
    }
    if (rises && kind_.advanced && (state.cr2 & (ccpc | ccus)) == (ccpc | ccus)) commute();  // 14.4.2
    state.gate = stays;
    const std::uint32_t slave = slave_mode();
    if (slave == no_slave || (!rises && slave != gated_mode)) return;
    happened(trigger);
    if (slave == reset_mode) reinitialise();
    if (slave == trigger_mode) state.cr1 |= cen;
    if (slave == external_clock && (state.smcr & ece) == 0) count_edge();
}

void Timer::on_master(std::uint32_t input, bool rises, bool stays) {
    if (!clocked() || input != trigger_source()) return;
    latch();
    on_trigger(input, rises, stays);
    settle_counter();
    update_line();
}

/// Table 85: each edge says where the shaft turns; the mode says which edges count.
void Timer::count_encoder(std::size_t input) {
    const bool alike = input_active(0) == input_active(1);
    state.down = (input == 0) == alike;
    const std::uint32_t slave = slave_mode();
    if (slave == encoder_both || slave == (input == 0 ? encoder_ti1 : encoder_ti2)) count_edge();
}

// --- TRGO ---

void Timer::look_at_trigger_output() {
    const std::uint32_t mode = master_mode();
    bool level = false;
    // 15.4.2 calls the enable signal an OR of CEN and the gate; a counter that both must enable counts with both.
    if (mode == on_enable) level = (state.cr1 & cen) != 0 && (slave_mode() != gated_mode || state.gate);
    if (mode >= on_reference1) level = state.reference.at(mode - on_reference1);
    if (level == state.trigger_out) return;
    state.trigger_out = level;
    tell_slaves(level, level);
}

void Timer::pulse_trigger() {
    tell_slaves(true, false);
}

void Timer::tell_slaves(bool rises, bool stays) {
    if (slaves_.empty()) return;
    if (telling_) {
        services_.complain(fmt::format("{}: timers trigger each other in a ring", place().name));
        return;
    }
    telling_ = true;
    for (const Slave& slave : slaves_)
        slave.timer->on_master(slave.input, rises, stays);
    telling_ = false;
}

}  // namespace sim::chip
