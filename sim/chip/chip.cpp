// SPDX-License-Identifier: ISC
// How the peripherals are joined: clocks, pins, resets, alarms.
#include "sim/chip/chip.hpp"

#include <algorithm>

namespace sim::chip {

Chip::Chip(const ChipVariant& the_variant, const BoardWiring& the_wiring, const MachineOptions& options)
    : variant(the_variant),
      wiring(the_wiring),
      rcc(services, the_wiring.hse_hz, the_wiring.lse_hz),
      gpio(services, the_wiring),
      bkp(services, the_variant.page_bytes == 2048),
      dbgmcu(services, the_variant.idcode),
      flash(services, the_variant),
      ram_pages((the_variant.ram_bytes + engine_page_bytes - 1) / engine_page_bytes * engine_page_bytes),
      ram(ram_pages.data(), the_variant.ram_bytes),
      system(system_page_bytes, 0xff) {
    services.options = options;
    services.set_line = [this](Irq irq, bool level) { exceptions.set_line(irq, level); };
    for (int port = 0; port < port_count; ++port)
        ports.emplace_back(services, gpio, port);
    wire_clocks();
    wire_pins();
    wire();
    add_blocks();

    constexpr std::uint32_t size_at = 0x7e0, id_at = 0x7e8;  // RM0008 30
    system[size_at] = static_cast<std::uint8_t>(variant.size_register);
    system[size_at + 1] = static_cast<std::uint8_t>(variant.size_register >> 8);
    for (std::size_t at = 0; at < 12; ++at) {
        system[id_at + at] = static_cast<std::uint8_t>(variant.unique_id[at / 4] >> (8 * (at % 4)));
    }
    refresh_system_page();
}

void Chip::wire_clocks() {
    rcc.hooks.before_clock_change = [this] {
        systick.take_stock();
        wwdg.take_stock();
        for (Timer& timer : timers)
            timer.take_stock();
    };
    rcc.hooks.after_clock_change = [this] {
        systick.rearm();
        wwdg.rearm();
        for (Timer& timer : timers)
            timer.rearm();
    };
    rcc.hooks.reset_peripheral = [this](Gate gate, unsigned number) {
        for (const Block& block : blocks_) {
            if (block.gate == gate && block.gate_bit == number && block.reset_line) block.peripheral->reset();
        }
    };
    rcc.hooks.reset_backup_domain = [this] { bkp.reset_domain(); };
    rcc.hooks.backup_writable = [this] { return pwr.backup_writable(); };
    rcc.hooks.flash_wait_states = [this] { return flash.wait_states(); };
    flash.latency_changed = [this] { rcc.check_limits(); };
    flash.hsi_on = [this] { return rcc.state.hsi_ready; };
    wwdg.pclk1_hz = [this] { return rcc.pclk1_hz(); };
    iwdg.force_lsi = [this] { rcc.force_lsi(); };
    for (Timer& timer : timers)
        timer.clock_hz = [this] { return rcc.timer1_hz(); };
    usarts[0].clock_hz = [this] { return rcc.pclk2_hz(); };
    usarts[1].clock_hz = [this] { return rcc.pclk1_hz(); };
    usb.clock_hz = [this] { return rcc.usb_hz(); };
    usb.pclk1_hz = [this] { return rcc.pclk1_hz(); };
    usb.gate_open = [this] { return rcc.enabled(Gate::apb1, 23); };
}

void Chip::wire_pins() {
    afio.debug_pins_changed = [this] { gpio.refresh(); };
    usb.transceiver_changed = [this] { gpio.refresh(); };
    gpio.claimed_by_debug = [this](Pin pin) { return afio.claimed_by_debug(pin); };
    gpio.claimed_by_usb = [this](Pin pin) {
        return usb.transceiver_on() && usb.gate_open() && (pin == Pin{'A', 11} || pin == Pin{'A', 12});
    };
    gpio.updated = [this] { usb.look_at_pull_up(); };
    gpio.changed = [this](Pin pin, Level level) {
        if (afio.exti_port(pin.number) == pin.port) exti.edge(pin.number, level == Level::high);
        if (pin_changed) pin_changed(pin, level);
    };
    usb.pulled_up = [this] {
        const UsbPullUp& pull = wiring.usb_pull_up;
        const bool dp_held_low = gpio.chip_drives(Pin{'A', 12}) == Level::low;
        if (!powered || dp_held_low || pull.kind == UsbPullUp::Kind::none) return false;
        if (pull.kind == UsbPullUp::Kind::fixed) return true;
        if (pull.needs_push_pull) return gpio.chip_drives(pull.pin) == pull.on;
        return gpio.level(pull.pin) == pull.on;
    };
    usb.wakeup = [this] { exti.edge(18, true); };
    exti.event = [this] {
        exceptions.state.event = true;
        services.attention = true;
    };
}

void Chip::wire() {
    systick.pend = [this] { exceptions.pend(systick_exception); };
    dwt.tracing = [this] { return debug.tracing(); };
    bkp.writable = [this] { return pwr.backup_writable() && rcc.enabled(Gate::apb1, 28); };
    flash.content_changed = [this](std::uint32_t address, std::uint32_t size) {
        refresh_system_page();
        if (flash_changed) flash_changed(address, size);
    };
    for (std::size_t at = 0; at < usarts.size(); ++at) {
        usarts[at].sent = [this, at](std::uint8_t byte) {
            if (usart_sent) usart_sent(static_cast<int>(at) + 1, byte);
        };
    }
}

void Chip::refresh_system_page() {
    std::copy(flash.state.options.begin(), flash.state.options.end(), system.begin() + (option_base - system_page));
}

void Chip::reset_peripherals() {
    afio.reset();
    for (GpioPort& port : ports)
        port.reset();
    exti.reset();
    pwr.reset();
    crc.reset();
    iwdg.reset();
    wwdg.reset();
    for (Timer& timer : timers)
        timer.reset();
    for (Usart& usart : usarts)
        usart.reset();
    usb.reset();
}

void Chip::system_reset(ResetCause cause) {
    flash.reset();
    rcc.reset();
    rcc.note_reset(cause);
    reset_peripherals();
    systick.reset();
    scs.reset();
    exceptions.reset();
    exceptions.state.line.fill(false);
    exceptions.state.pending.fill(false);
    services.fault = Fault::none;
    services.reset_requested = false;
    if (flash.hardware_watchdog()) iwdg.start();
}

void Chip::power_lost() {
    flash.lose_power();
    services.alarms = Scheduler{};
    rcc.reset();
    rcc.state.csr_flags = 0;
    reset_peripherals();
    gpio.power_lost();
    services.alarms = Scheduler{};
    dbgmcu.state = {};
    debug.power_lost();
    fpb.power_lost();
    dwt.power_lost();
    if (!wiring.vbat) {
        bkp.reset_domain();
        rcc.state.bdcr = 0;
    }
}

void Chip::run_alarms() {
    Alarm alarm{};
    while (services.alarms.take_due(services.now(), alarm))
        dispatch(alarm);
}

void Chip::dispatch(Alarm alarm) {
    services.attention = true;
    switch (alarm) {
        case Alarm::flash_done:
            return flash.on_alarm();
        case Alarm::usb_reset_seen:
        case Alarm::usb_idle:
            return usb.on_alarm(alarm);
        case Alarm::systick:
            return systick.on_alarm();
        case Alarm::iwdg:
            return iwdg.on_alarm();
        case Alarm::wwdg:
            return wwdg.on_alarm();
        case Alarm::tim2:
            return timers[0].on_alarm();
        case Alarm::tim3:
            return timers[1].on_alarm();
        case Alarm::tim4:
            return timers[2].on_alarm();
        case Alarm::usart1:
            return usarts[0].on_alarm();
        case Alarm::usart2:
            return usarts[1].on_alarm();
        case Alarm::pin_settled:
            return gpio.on_alarm();
        default:
            return rcc.on_alarm(alarm);
    }
}

ChipState Chip::save() const {
    return {services.clock,
            services.alarms,
            exceptions.state,
            systick.state,
            debug.state,
            fpb.state,
            dwt.state,
            rcc.state,
            gpio.state,
            afio.state,
            exti.state,
            pwr.state,
            bkp.state,
            crc.state,
            dbgmcu.state,
            iwdg.state,
            wwdg.state,
            {timers[0].state, timers[1].state, timers[2].state},
            {usarts[0].state, usarts[1].state},
            flash.state,
            usb.state,
            powered};
}

void Chip::load(const ChipState& state) {
    services.clock = state.clock;
    services.alarms = state.alarms;
    exceptions.state = state.exceptions;
    systick.state = state.systick;
    debug.state = state.debug;
    fpb.state = state.fpb;
    dwt.state = state.dwt;
    rcc.state = state.rcc;
    gpio.state = state.gpio;
    afio.state = state.afio;
    exti.state = state.exti;
    pwr.state = state.pwr;
    bkp.state = state.bkp;
    crc.state = state.crc;
    dbgmcu.state = state.dbgmcu;
    iwdg.state = state.iwdg;
    wwdg.state = state.wwdg;
    for (std::size_t at = 0; at < timers.size(); ++at)
        timers[at].state = state.timers[at];
    for (std::size_t at = 0; at < usarts.size(); ++at)
        usarts[at].state = state.usarts[at];
    flash.state = state.flash;
    usb.state = state.usb;
    powered = state.powered;
    refresh_system_page();
}

}  // namespace sim::chip
