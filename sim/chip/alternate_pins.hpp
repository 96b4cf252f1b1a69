// SPDX-License-Identifier: ISC
// Which pins a peripheral has: a field of AFIO_MAPR moves them (RM0008 9.3, 9.4.2).
#pragma once

#include <array>

#include "sim/chip/gpio.hpp"

namespace sim::chip {

/// A field of AFIO_MAPR; of no width where the pins cannot be moved.
struct RemapField {
    unsigned at = 0, width = 0;
};

/// Where one signal is, by the value of its peripheral's field.
using SignalPins = std::array<Pin, 4>;

/// The pins of one peripheral, as its program has remapped them.
class AlternatePins {
  public:
    AlternatePins(Gpio& gpio, const std::uint32_t& mapr, RemapField remap) : gpio_(gpio), mapr_(mapr), remap_(remap) {}

    [[nodiscard]] Pin pin(const SignalPins& signal) const {
        const std::uint32_t value = mapr_ >> remap_.at & ((1U << remap_.width) - 1);
        return signal.at(value);
    }
    [[nodiscard]] Level level(const SignalPins& signal) const { return gpio_.level(pin(signal)); }
    /// The peripheral's output reaches the pin: an alternate function and an output (9.1.9).
    [[nodiscard]] bool is_output(const SignalPins& signal) const { return gpio_.alternate_output(pin(signal)); }
    [[nodiscard]] bool is_open_drain(const SignalPins& signal) const {
        return is_output(signal) && gpio_.open_drain(pin(signal));
    }
    /// Somebody outside can be heard on it (9.1.7).
    [[nodiscard]] bool is_input(const SignalPins& signal) const { return gpio_.digital_input(pin(signal)); }
    /// Drives one of the pins, or lets it go.
    void drive(Pin pin, std::optional<Level> level) { gpio_.drive_alternate(pin, level); }

  private:
    Gpio& gpio_;
    const std::uint32_t& mapr_;
    RemapField remap_;
};

}  // namespace sim::chip
