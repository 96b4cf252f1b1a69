// SPDX-License-Identifier: ISC
// ADC1 and ADC2 (RM0008 11): regular and injected groups started by software, single, continuous and scan mode,
// calibration, alignment, analog watchdog, DMA of ADC1, temperature sensor and reference. External triggers, dual and
// discontinuous modes are refused.
#pragma once

#include <array>

#include "sim/chip/gpio.hpp"
#include "sim/chip/peripheral.hpp"
#include "sim/chip/rcc.hpp"

namespace sim::chip {

/// Voltages that the world puts on pins; NaN where it puts none.
struct Voltages {
    Voltages();
    std::array<std::array<float, 16>, port_count> at;
};

struct AdcState {
    std::uint32_t sr = 0, cr1 = 0, cr2 = 0;
    std::array<std::uint32_t, 2> smpr{};
    std::array<std::uint32_t, 4> jofr{}, jdr{};
    std::uint32_t htr = 0xfff, ltr = 0;
    std::array<std::uint32_t, 3> sqr{};
    std::uint32_t jsqr = 0, dr = 0;
    Time on_since = never;  ///< ADON was set.
    bool calibrated = false;
    enum class Group : std::uint8_t { none, regular, injected } running = Group::none;
    unsigned rank = 0;  ///< Of the conversion under way, from 0.
};

class Adc : public Peripheral {
  public:
    /// `dma_channel` 0: this one has none.
    Adc(Services& services, const Rcc& rcc, const Gpio& gpio, const Voltages& voltages, const Place& place,
        unsigned dma_channel);
    State<AdcState> state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;

  private:
    using Group = AdcState::Group;
    void write_cr1(std::uint32_t value);
    void write_cr2(std::uint32_t value);
    std::uint32_t adc_hz() const;
    Time clocks(double count) const;
    unsigned length(Group group) const;
    unsigned channel(Group group, unsigned rank) const;
    double sample_clocks(unsigned channel) const;
    void start(Group group);
    void convert();
    void on_converted();
    void finish(Group group, unsigned channel, std::uint32_t value);
    std::uint32_t sample(unsigned channel);
    double volts(unsigned channel);
    void update_line();
    const Rcc& rcc_;
    const Gpio& gpio_;
    const Voltages& voltages_;
    Alarm converted_, calibrated_;
    InterruptLine line_;
    DmaRequest request_;
};

}  // namespace sim::chip
