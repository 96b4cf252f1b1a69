// SPDX-License-Identifier: ISC
// A pin's level: whoever drives hard wins, then the board's resistors, then the chip's own pulls.
#include "sim/chip/gpio.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace sim::chip {

namespace {

enum Offset : std::uint32_t { crl = 0x00, crh = 0x04, idr = 0x08, odr = 0x0c, bsrr = 0x10, brr = 0x14, lckr = 0x18 };
constexpr std::array port_names{"GPIOA", "GPIOB", "GPIOC", "GPIOD", "GPIOE", "GPIOF", "GPIOG"};
constexpr double internal_pull_ohms = 40'000;  // DS5319 table 35: 30 to 50 kOhm
constexpr double led_ohms = 20'000;            // LED and resistor at the little current of an input
constexpr double base_ohms = 10'000;           // in front of the transistor that switches DP's pull-up
constexpr double pin_farads = 25e-12;          // 5 pF of the pin (DS5319 table 35), a trace, a probe
constexpr double settled_after = 3;            // multiples of R*C

Time settle_time(double ohms, double farads) {
    return Time{static_cast<std::int64_t>(settled_after * ohms * (farads + pin_farads) * 1e12)};
}

}  // namespace

Gpio::Gpio(Services& services, const BoardWiring& wiring)
    : state(services), services_(services), wiring_(wiring), settled_(services, [this] { on_settled(); }) {
    for (PortState& port : state.port)
        port.settles.fill(never);
}

std::uint32_t Gpio::read(int index, std::uint32_t offset) {
    const PortState& port = state.port[static_cast<std::size_t>(index)];
    switch (offset) {
        case crl:
            return port.crl;
        case crh:
            return port.crh;
        case idr: {
            // 9.1: an analog input reads as zero, the Schmitt trigger is off.
            std::uint32_t levels = port.level;
            for (unsigned number = 0; number < 16; ++number) {
                if (configuration(index, number) == 0) levels &= ~bit(number);
            }
            return levels;
        }
        case odr:
            return port.odr;
        case bsrr:
        case brr:
            return 0;
        case lckr:
            return port.lckr | (port.locked ? bit(16) : 0);
        default:
            services_.warn(fmt::format("GPIO{:c}: there is no register at offset 0x{:02x}", 'A' + index, offset));
            return 0;
    }
}

void Gpio::write(int index, std::uint32_t offset, std::uint32_t value, std::uint32_t mask) {
    PortState& port = state.port[static_cast<std::size_t>(index)];
    const PortState old = port;
    const auto spread = [&](unsigned first) {  // configuration nibbles that LCKR froze
        std::uint32_t frozen = 0;
        for (unsigned number = 0; number < 8; ++number) {
            if (port.locked && (port.lckr & bit(first + number)) != 0) frozen |= 0xfu << (4 * number);
        }
        return frozen;
    };
    switch (offset) {
        case crl:
            port.crl = merge(port.crl, value, mask & ~spread(0));
            break;
        case crh:
            port.crh = merge(port.crh, value, mask & ~spread(8));
            break;
        case idr:
            services_.warn("GPIO_IDR is read-only (9.2.3)");
            return;
        case odr:
            port.odr = static_cast<std::uint16_t>(merge(port.odr, value, mask));
            break;
        case bsrr: {
            const std::uint32_t set = value & mask & 0xffff, clear = (value & mask) >> 16;
            port.odr = static_cast<std::uint16_t>((port.odr & ~clear) | set);  // 9.2.5: set wins
            break;
        }
        case brr:
            port.odr = static_cast<std::uint16_t>(port.odr & ~(value & mask));
            break;
        case lckr:
            services_.side_effect = true;
            write_lock(port, value & mask);
            return;
        default:
            services_.warn(fmt::format("GPIO{:c}: there is no register at offset 0x{:02x}", 'A' + index, offset));
            return;
    }
    if (old.crl == port.crl && old.crh == port.crh && old.odr == port.odr) return;
    services_.side_effect = true;
    for (unsigned number = 0; number < 16; ++number)
        update_pin(index, number);
    updated();
}

void Gpio::write_lock(PortState& port, std::uint32_t value) {
    // 9.2.7: LCKK written 1, 0, 1 with the same bits, then read.
    if (port.locked) return;
    const bool lckk = (value & bit(16)) != 0;
    const std::uint32_t pins = value & 0xffff;
    const bool expected = lckk == (port.lock_step != 1) && (port.lock_step == 0 || pins == port.lckr);
    port.lckr = pins;
    port.lock_step = expected ? static_cast<std::uint8_t>(port.lock_step + 1) : std::uint8_t{0};
    port.locked = port.lock_step == 3;
}

std::uint32_t Gpio::configuration(int index, unsigned number) const {
    const PortState& port = state.port[static_cast<std::size_t>(index)];
    return field(number < 8 ? port.crl : port.crh, 4 * (number % 8), 4);
}

std::optional<Level> Gpio::chip_drives(Pin pin) const {
    const int index = pin.port - 'A';
    if (claimed_by_debug(pin) || claimed_by_usb(pin)) return std::nullopt;
    const std::uint32_t how = configuration(index, pin.number);
    if ((how & 3) == 0) return std::nullopt;  // input
    const PortState& port = state.port[static_cast<std::size_t>(index)];
    const bool alternate = (how & 8) != 0;
    if (alternate && (port.alternate_drives & bit(pin.number)) == 0) return std::nullopt;
    const bool high = ((alternate ? port.alternate_level : port.odr) & bit(pin.number)) != 0;
    const bool open_drain = (how & 4) != 0;
    if (open_drain && high) return std::nullopt;
    return high ? Level::high : Level::low;
}

bool Gpio::analog(Pin pin) const {
    return configuration(pin.port - 'A', pin.number) == 0;
}

bool Gpio::alternate_output(Pin pin) const {
    const std::uint32_t how = configuration(pin.port - 'A', pin.number);
    return (how & 8) != 0 && (how & 3) != 0;
}

bool Gpio::open_drain(Pin pin) const {
    return (configuration(pin.port - 'A', pin.number) & 4) != 0;
}

Gpio::Target Gpio::resolve(Pin pin) const {
    const int index = pin.port - 'A';
    const PortState& port = state.port[static_cast<std::size_t>(index)];
    const std::optional<Level> chip = chip_drives(pin);
    std::optional<Level> wire;
    if ((port.wire_drives & bit(pin.number)) != 0) {
        wire = (port.wire_level & bit(pin.number)) != 0 ? Level::high : Level::low;
    }
    const Button& button = wiring_.button;
    std::optional<Level> switched;
    if (wiring_.has_button && button.pin == pin) {
        if (state.button_pressed)
            switched = button.pressed;
        else if (button.drives_when_released)
            switched = !button.pressed;
    }
    const bool firm = switched && button.ohms <= 0;
    if (chip && ((wire && *wire != *chip) || (firm && *switched != *chip))) {
        services_.warn(fmt::format("P{}{}: the chip drives against the board (short circuit)", pin.port, pin.number));
    }
    if (wire) return {wire, {}};
    if (firm) return {switched, {}};
    if (chip) return {chip, {}};

    double farads = 0, weakest = 1e12;
    Target target;
    const auto consider = [&](Level to, double ohms) {
        if (ohms >= weakest) return;
        weakest = ohms;
        target.level = to;
    };
    if (switched) consider(*switched, button.ohms);
    for (const PullResistor& pull : wiring_.pulls) {
        if (pull.pin != pin) continue;
        farads += pull.farads;
        consider(pull.to, pull.ohms);
    }
    // A dark LED pulls its pin towards the rail on its other side.
    if (wiring_.has_led && wiring_.led == pin) consider(!wiring_.led_lit, led_ohms);
    const UsbPullUp& usb = wiring_.usb_pull_up;
    if (usb.kind == UsbPullUp::Kind::fixed && pin == Pin{'A', 12}) consider(Level::high, 1500);
    // A transistor's base pulls its pin towards the rail at which it does not conduct.
    if (usb.kind == UsbPullUp::Kind::switched && !usb.needs_push_pull && usb.pin == pin) consider(!usb.on, base_ohms);
    if (claimed_by_debug(pin)) {
        if (pin != Pin{'B', 3}) consider(pin == Pin{'A', 14} ? Level::low : Level::high, internal_pull_ohms);
    } else if (configuration(index, pin.number) == 8) {
        consider((port.odr & bit(pin.number)) != 0 ? Level::high : Level::low, internal_pull_ohms);
    }
    if (target.level) target.delay = settle_time(weakest, farads);
    return target;
}

void Gpio::update_pin(int index, unsigned number, bool at_once) {
    PortState& port = state.port[static_cast<std::size_t>(index)];
    const Pin pin{static_cast<char>('A' + index), static_cast<std::uint8_t>(number)};
    const Target target = resolve(pin);
    if (!target.level) {  // floating: the charge stays
        if (port.settles[number] != never) {
            port.settles[number] = never;
            rearm();
        }
        return;
    }
    const bool high = *target.level == Level::high;
    const bool is_high = (port.level & bit(number)) != 0;
    if (at_once || target.delay == Time{} || high == is_high) {
        if (port.settles[number] != never) {
            port.settles[number] = never;
            rearm();
        }
        return set_level(index, number, high);
    }
    const bool same_way = ((port.settling_to & bit(number)) != 0) == high;
    const Time due = services_.now() + target.delay;
    if (port.settles[number] != never && same_way && port.settles[number] <= due) return;
    port.settling_to = static_cast<std::uint16_t>(merge(port.settling_to, high ? 0xffff : 0, bit(number)));
    port.settles[number] = due;
    rearm();
}

void Gpio::set_level(int index, unsigned number, bool high) {
    PortState& port = state.port[static_cast<std::size_t>(index)];
    if (((port.level & bit(number)) != 0) == high) return;
    port.level = static_cast<std::uint16_t>(port.level ^ bit(number));
    changed(Pin{static_cast<char>('A' + index), static_cast<std::uint8_t>(number)}, high ? Level::high : Level::low);
}

void Gpio::rearm() {
    Time first = never;
    for (const PortState& port : state.port)
        first = std::min(first, *std::min_element(port.settles.begin(), port.settles.end()));
    settled_.set(first);
}

void Gpio::on_settled() {
    for (int index = 0; index < port_count; ++index) {
        PortState& port = state.port[static_cast<std::size_t>(index)];
        for (unsigned number = 0; number < 16; ++number) {
            if (port.settles[number] > services_.now()) continue;
            port.settles[number] = never;
            set_level(index, number, (port.settling_to & bit(number)) != 0);
        }
    }
    rearm();
    updated();
}

void Gpio::reset(int index) {
    PortState& port = state.port[static_cast<std::size_t>(index)];
    PortState fresh;
    fresh.level = port.level;
    fresh.alternate_drives = port.alternate_drives;
    fresh.alternate_level = port.alternate_level;
    fresh.wire_drives = port.wire_drives;
    fresh.wire_level = port.wire_level;
    fresh.settles = port.settles;
    fresh.settling_to = port.settling_to;
    port = fresh;
    for (unsigned number = 0; number < 16; ++number)
        update_pin(index, number);
    updated();
}

void Gpio::refresh() {
    for (int index = 0; index < port_count; ++index) {
        for (unsigned number = 0; number < 16; ++number)
            update_pin(index, number);
    }
    updated();
}

void Gpio::settle_all() {
    for (int index = 0; index < port_count; ++index) {
        for (unsigned number = 0; number < 16; ++number)
            update_pin(index, number, true);
    }
    updated();
}

void Gpio::power_lost() {
    for (int index = 0; index < port_count; ++index) {
        PortState& port = state.port[static_cast<std::size_t>(index)];
        const PortState old = port;
        port = PortState{};
        port.settles.fill(never);
        port.level = old.level;
        port.wire_drives = old.wire_drives;
        port.wire_level = old.wire_level;
        for (unsigned number = 0; number < 16; ++number)
            set_level(index, number, false);
    }
    updated();
}

Level Gpio::level(Pin pin) const {
    const PortState& port = state.port.at(static_cast<std::size_t>(pin.port - 'A'));
    return (port.level & bit(pin.number)) != 0 ? Level::high : Level::low;
}

void Gpio::drive(Pin pin, std::optional<Level> level) {
    PortState& port = state.port.at(static_cast<std::size_t>(pin.port - 'A'));
    const std::uint32_t mask = bit(pin.number);
    port.wire_drives = static_cast<std::uint16_t>(merge(port.wire_drives, level ? mask : 0, mask));
    port.wire_level = static_cast<std::uint16_t>(merge(port.wire_level, level == Level::high ? mask : 0, mask));
    update_pin(pin.port - 'A', pin.number);
    updated();
}

void Gpio::drive_alternate(Pin pin, std::optional<Level> level) {
    PortState& port = state.port.at(static_cast<std::size_t>(pin.port - 'A'));
    const std::uint32_t mask = bit(pin.number);
    port.alternate_drives = static_cast<std::uint16_t>(merge(port.alternate_drives, level ? mask : 0, mask));
    port.alternate_level =
        static_cast<std::uint16_t>(merge(port.alternate_level, level == Level::high ? mask : 0, mask));
    if (!alternate_output(pin)) return;
    update_pin(pin.port - 'A', pin.number);
    updated();
}

void Gpio::press(bool pressed) {
    state.button_pressed = pressed;
    const Pin pin = wiring_.button.pin;
    update_pin(pin.port - 'A', pin.number);
}

GpioPort::GpioPort(Services& services, Gpio& gpio, int port)
    : Peripheral(services, {.name = port_names.at(static_cast<std::size_t>(port)),
                            .base = 0x4001'0800 + 0x400 * static_cast<std::uint32_t>(port),
                            .widths = word,
                            .gate = Gate::apb2,
                            .gate_bit = 2 + static_cast<unsigned>(port)}),
      gpio_(gpio),
      port_(port) {}

}  // namespace sim::chip
