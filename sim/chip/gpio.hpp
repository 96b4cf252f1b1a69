// SPDX-License-Identifier: ISC
// GPIO ports A to G and the wires behind their pins (RM0008 9).
#pragma once

#include <optional>

#include "sim/chip/peripheral.hpp"
#include "sim/chip/wiring.hpp"

namespace sim::chip {

inline constexpr int port_count = 7;

/// One port's registers and the levels of its sixteen pins; plain data.
struct PortState {
    std::uint32_t crl = 0x4444'4444, crh = 0x4444'4444;
    std::uint16_t odr = 0;
    std::uint32_t lckr = 0;
    std::uint8_t lock_step = 0;
    bool locked = false;
    std::uint16_t level = 0;                                  ///< What a reader of the pin sees.
    std::uint16_t alternate_drives = 0, alternate_level = 0;  ///< What peripherals put on their outputs.
    std::uint16_t wire_drives = 0, wire_level = 0;            ///< A wire from outside.
    std::array<Time, 16> settles{};  ///< When a slow level will have arrived; never: none under way.
    std::uint16_t settling_to = 0;
};

struct GpioState {
    std::array<PortState, port_count> port;
    bool button_pressed = false;
};

/// All ports together, because wires join pins of any ports.
class Gpio {
  public:
    Gpio(Services& services, const BoardWiring& wiring);
    State<GpioState> state;

    std::uint32_t read(int port, std::uint32_t offset);
    void write(int port, std::uint32_t offset, std::uint32_t value, std::uint32_t mask);
    void reset(int port);
    /// Decides all levels anew, at once: power has come.
    void settle_all();
    void refresh();  ///< Who drives may have changed for reasons outside of the ports.
    void power_lost();

    Level level(Pin pin) const;
    void drive(Pin pin, std::optional<Level> level);
    void press(bool pressed);
    /// The chip drives the pin to this level, by its port or a peripheral; nullopt: it does not.
    std::optional<Level> chip_drives(Pin pin) const;

    /// A peripheral's output, seen on the pin while that is an alternate function; nullopt: none.
    void drive_alternate(Pin pin, std::optional<Level> level);
    bool analog(Pin pin) const;  ///< Its Schmitt trigger is off (9.1.11).
    bool digital_input(Pin pin) const { return !analog(pin) && !chip_drives(pin); }
    /// The pin is an output of the peripheral that has it as its alternate function.
    bool alternate_output(Pin pin) const;
    bool open_drain(Pin pin) const;  ///< CNF of an output says so.

    std::function<void(Pin, Level)> changed;    ///< From whatever cause.
    std::function<void()> updated;              ///< Drivers or levels may have changed.
    std::function<bool(Pin)> claimed_by_debug;  ///< AFIO: the pin still belongs to JTAG/SWD.
    std::function<bool(Pin)> claimed_by_usb;    ///< PA11, PA12 while the transceiver is on.

  private:
    struct Target {
        std::optional<Level> level;
        Time delay{};
    };
    Target resolve(Pin pin) const;
    void update_pin(int port, unsigned number, bool at_once = false);
    void set_level(int port, unsigned number, bool high);
    void rearm();
    void on_settled();
    std::uint32_t configuration(int port, unsigned number) const;
    void write_lock(PortState& port, std::uint32_t value);

    Services& services_;
    const BoardWiring wiring_;
    Alarm settled_;
};

/// The bus's view of one port.
class GpioPort : public Peripheral {
  public:
    GpioPort(Services& services, Gpio& gpio, int port);
    std::uint32_t read(std::uint32_t offset) override { return gpio_.read(port_, offset); }
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override {
        gpio_.write(port_, offset, value, mask);
    }
    void reset() override { gpio_.reset(port_); }

  private:
    Gpio& gpio_;
    int port_;
};

}  // namespace sim::chip
