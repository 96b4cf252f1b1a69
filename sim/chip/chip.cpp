// SPDX-License-Identifier: ISC
// How the parts of the chip are joined: pins, resets, power.
#include "sim/chip/chip.hpp"

#include <algorithm>

namespace sim::chip {

Chip::Chip(const ChipVariant& the_variant, const BoardWiring& the_wiring, const MachineOptions& options)
    : variant(the_variant),
      wiring(the_wiring),
      flash(services, the_variant),
      rcc(services, pwr, flash, the_wiring),
      gpio(services, the_wiring),
      bkp(services, pwr, rcc, the_variant.page_bytes == 2048),
      dbgmcu(services, the_variant.idcode),
      ram_pages((the_variant.ram_bytes + engine_page_bytes - 1) / engine_page_bytes * engine_page_bytes),
      ram(ram_pages.data(), the_variant.ram_bytes),
      system(system_page_bytes, 0xff) {
    services.options = options;
    services.states.add(powered);
    if (variant.read_protected) flash.state.options[0] = flash.state.options[1] = 0xff;
    services.set_line = [this](unsigned irq, bool level) { exceptions.set_line(irq, level); };
    for (int port = 0; port < port_count; ++port)
        ports.emplace_back(services, gpio, port);
    add_peripherals();
    list_addresses();
    wire_pins();
    systick.pend = [this] { exceptions.pend(systick_exception); };
    dwt.tracing = [this] { return debug.tracing(); };
    rcc.clock_security = [this] {
        exceptions.pend(nmi);
        for (Timer* const timer : timers)
            timer->clock_failed();
    };
    flash.latency_changed = [this] { rcc.check_limits(); };
    flash.hsi_on = [this] { return rcc.state.hsi_ready; };
    flash.content_changed = [this](std::uint32_t address, std::uint32_t size) {
        refresh_system_page();
        if (flash_changed) flash_changed(address, size);
    };

    constexpr std::uint32_t size_at = 0x7e0, id_at = 0x7e8;  // RM0008 30
    system[size_at] = static_cast<std::uint8_t>(variant.size_register);
    system[size_at + 1] = static_cast<std::uint8_t>(variant.size_register >> 8);
    for (std::size_t at = 0; at < 12; ++at) {
        system[id_at + at] = static_cast<std::uint8_t>(variant.unique_id[at / 4] >> (8 * (at % 4)));
    }
    refresh_system_page();
}

void Chip::wire_pins() {
    afio.debug_pins_changed = [this] { gpio.refresh(); };
    usb.transceiver_changed = [this] { gpio.refresh(); };
    gpio.claimed_by_debug = [this](Pin pin) { return afio.claimed_by_debug(pin); };
    gpio.claimed_by_usb = [this](Pin pin) {
        return usb.transceiver_on() && (pin == Pin{'A', 11} || pin == Pin{'A', 12});
    };
    gpio.updated = [this] { usb.look_at_pull_up(); };
    gpio.changed = [this](Pin pin, Level level) {
        if (afio.exti_port(pin.number) == pin.port) exti.edge(pin.number, level == Level::high);
        for (Peripheral* const peripheral : services.peripherals)
            peripheral->on_pin(pin, level);
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

void Chip::refresh_system_page() {
    std::copy(flash.state.options.begin(), flash.state.options.end(), system.begin() + (option_base - system_page));
}

void Chip::system_reset(ResetCause cause) {
    for (Peripheral* const peripheral : services.peripherals)
        peripheral->reset();
    rcc.note_reset(cause);
    for (InterruptLine* const line : services.lines)
        line->forget();
    for (DmaRequest* const request : services.dma_requests)
        request->set(false);
    exceptions.reset();
    services.fault = Fault::none;
    services.reset_requested = false;
    if (flash.hardware_watchdog()) iwdg.start();
    if (cause == ResetCause::power_on && wiring.swo_probe) switch_trace_on();
}

/// What a debugger does for a program that only writes to ITM's stimulus ports.
void Chip::switch_trace_on() {
    constexpr std::uint32_t trcena = bit(24), trace_ioen = bit(5), nrz = 2, all = 0xffff'ffff, itmena = 1;
    debug.state.demcr |= trcena;
    dbgmcu.state.cr |= trace_ioen;
    tpiu.state.sppr = nrz;
    itm.state.unlocked = true;
    itm.state.tcr = itmena;
    itm.state.ter = all;
}

void Chip::power_lost() {
    for (Peripheral* const peripheral : services.peripherals)
        peripheral->power_lost();
    gpio.power_lost();
    services.alarms.cancel_all();
    if (wiring.vbat) return;
    for (Peripheral* const peripheral : services.peripherals)
        peripheral->reset_backup_domain();
}

void Chip::run_alarms() {
    if (services.alarms.run_due(services.now())) services.attention = true;
}

void Chip::load(std::span<const std::byte> saved) {
    services.states.load(saved);
    refresh_system_page();
}

}  // namespace sim::chip
