// SPDX-License-Identifier: ISC
// The virtual board's public face: power, reset, runs, wires.
#include "sim/board/machine.hpp"

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "flasher/image.hpp"
#include "sim/board/lines.hpp"
#include "sim/board/machine_impl.hpp"

namespace sim {

using chip::flash_base;
using chip::ram_base;

Machine::Machine(const ChipVariant& variant, const BoardWiring& wiring, const MachineOptions& options)
    : impl_(std::make_unique<Impl>(variant, wiring, options)) {
    Impl& impl = *impl_;
    impl.chip.flash_changed = [&impl](std::uint32_t address, std::uint32_t size) {
        impl.core.forget_code(address, size);
    };
    impl.loader.sent = [&impl](std::uint8_t byte) {
        if (impl.chip.usart_sent) impl.chip.usart_sent(1, byte);
    };
    impl.chip.pin_changed = [&impl](Pin pin, Level level) {
        const auto found = impl.pin_watchers.find(pin);
        if (found == impl.pin_watchers.end()) return;
        for (const auto& callback : found->second)
            callback(impl.chip.services.now(), level);
    };
}

Machine::~Machine() = default;

void Machine::load(const std::filesystem::path& file, std::uint32_t base) {
    const auto image = flasher::load_image(file);
    const std::uint32_t address = image.base.value_or(base);
    const std::size_t size = impl_->chip.flash.array.size();
    if (address < flash_base || address - flash_base + image.bytes.size() > size)
        throw flasher::ImageError(fmt::format("{}: {} bytes at 0x{:08x} do not fit into {} KiB of flash at 0x{:08x}",
                                              file.string(), image.bytes.size(), address, size / 1024, flash_base));
    load_bytes(address, image.bytes);
}

void Machine::load_bytes(std::uint32_t address, std::span<const std::uint8_t> bytes) {
    chip::Flash& flash = impl_->chip.flash;
    if (bytes.empty()) return;
    if (address < flash_base || address - flash_base + bytes.size() > flash.array.size()) {
        throw std::runtime_error(fmt::format("{} bytes at 0x{:08x} are not within the flash", bytes.size(), address));
    }
    std::copy(bytes.begin(), bytes.end(), flash.array.begin() + (address - flash_base));
    flash.apply_stuck_bits(address, static_cast<std::uint32_t>(bytes.size()));
    impl_->core.forget_code(address, static_cast<std::uint32_t>(bytes.size()));
}

void Machine::Impl::start(ResetCause cause) {
    last_reset = cause;
    ++counters.resets;
    chip.system_reset(cause);
    if (cause == ResetCause::power_on) chip.gpio.settle_all();
    loader.stop();
    if (chip.held_in_reset) return;
    if (boot0 == Level::high)
        loader.start();
    else
        core.reset();
}

void Machine::power_on() {
    if (impl_->chip.powered) return;
    // Cells of a RAM without power come up as they like; the same way each time, so that runs repeat.
    std::mt19937_64 noise(1 + impl_->power_cycles++);
    const std::span<std::uint8_t> ram = impl_->chip.ram;
    for (std::size_t at = 0; at + 8 <= ram.size(); at += 8) {
        const std::uint64_t cells = noise();
        std::memcpy(&ram[at], &cells, sizeof cells);
    }
    impl_->core.forget_code(ram_base, static_cast<std::uint32_t>(ram.size()));
    impl_->chip.powered = true;
    impl_->chip.services.power_cut = false;
    impl_->core.lowest_sp = 0xffff'ffff;
    impl_->start(ResetCause::power_on);
}

void Machine::power_off() {
    if (!impl_->chip.powered) return;
    impl_->chip.powered = false;
    impl_->chip.power_lost();
}

bool Machine::powered() const {
    return impl_->chip.powered;
}

void Machine::reset() {
    if (impl_->chip.powered) impl_->start(ResetCause::pin);
}

void Machine::set_boot0(Level level) {
    impl_->boot0 = level;
}

Level Machine::boot0() const {
    return impl_->boot0;
}

bool Machine::in_system_loader() const {
    return impl_->loader.running();
}

void Machine::receive_serial(std::uint8_t byte, std::uint32_t baud) {
    if (impl_->loader.running())
        impl_->loader.receive(byte, baud);
    else if (powered())
        impl_->serial_input.send(byte, baud);
}

std::size_t Machine::serial_backlog() const {
    return impl_->loader.running() ? impl_->loader.state.received.size() : impl_->serial_input.waiting();
}

void Machine::hold_reset(bool low) {
    if (impl_->chip.held_in_reset == low) return;
    impl_->chip.held_in_reset = low;
    reset();
}

ResetCause Machine::last_reset() const {
    return impl_->last_reset;
}

Time Machine::now() const {
    return impl_->chip.services.now();
}

void Machine::Impl::handle_requests() {
    chip::Services& services = chip.services;
    if (!services.refused.empty()) {
        const std::string cause = std::exchange(services.refused, {});
        throw MachineError(MachineError::Kind::refused, cause, core.report(cause));
    }
    if (std::exchange(services.power_cut, false)) {
        chip.powered = false;
        chip.power_lost();
        return;
    }
    const bool core_only = std::exchange(services.core_reset_requested, false) && !services.reset_requested;
    if (services.reset_requested) start(services.reset_cause);
    if (core_only) {
        chip.scs.reset();
        core.reset();
    }
}

void Machine::run_until(Time when) {
    chip::Services& services = impl_->chip.services;
    impl_->handle_requests();
    while (now() < when) {
        if (!impl_->chip.powered || impl_->chip.held_in_reset) return services.clock.skip_to(when);
        if (impl_->chip.debug.state.halted) impl_->loader.stop();  // a probe has taken over
        if (impl_->loader.running())
            impl_->loader.run_until(when);
        else
            impl_->core.run_until(when);
        impl_->handle_requests();
    }
}

bool Machine::run_until(Time limit, const std::function<bool()>& done, Time step) {
    while (!done()) {
        if (now() >= limit) return false;
        run_until(std::min(limit, now() + step));
    }
    return true;
}

UsbPort& Machine::usb() {
    return impl_->chip.usb;
}

Level Machine::pin_level(Pin pin) const {
    return impl_->chip.gpio.level(pin);
}

void Machine::drive_pin(Pin pin, std::optional<Level> level) {
    impl_->chip.gpio.drive(pin, level);
}

void Machine::press_button(bool pressed) {
    if (!wiring().has_button) throw std::invalid_argument(fmt::format("board {} has no button", wiring().name));
    impl_->chip.gpio.press(pressed);
}

bool Machine::led_lit() const {
    const chip::Chip& chip = impl_->chip;
    return chip.powered && wiring().has_led && chip.gpio.chip_drives(wiring().led) == wiring().led_lit;
}

void Machine::fail_crystal(bool failed) {
    impl_->chip.rcc.fail_crystal(failed);
}

void Machine::on_pin_change(Pin pin, std::function<void(Time, Level)> callback) {
    impl_->pin_watchers[pin].push_back(std::move(callback));
}

void Machine::on_execute(std::uint32_t address, std::function<void(Time)> callback) {
    impl_->core.watch(address, std::move(callback));
}

void Machine::clear_on_execute() {
    impl_->core.clear_watches();
}

void Machine::on_exception(std::function<void(Time, int, bool)> callback) {
    chip::Chip& chip = impl_->chip;
    if (!callback) return void(chip.exceptions.watched = nullptr);
    chip.exceptions.watched = [&chip, callback = std::move(callback)](int number, bool entered) {
        callback(chip.services.now(), number, entered);
    };
}

void Machine::on_usart(std::function<void(int, std::uint8_t)> callback) {
    impl_->chip.usart_sent = std::move(callback);
}

void Machine::on_trace(std::function<void(Time, unsigned, std::uint32_t, unsigned)> callback) {
    chip::Chip& chip = impl_->chip;
    if (!callback) return void(chip.itm.sent = nullptr);
    chip.itm.sent = [&chip, callback = std::move(callback)](unsigned port, std::uint32_t value, unsigned size) {
        callback(chip.services.now(), port, value, size);
    };
}

void Machine::set_flash_observer(FlashObserver* observer) {
    impl_->chip.flash.observer = observer;
}

std::span<const std::uint8_t> Machine::flash() const {
    return impl_->chip.flash.array;
}

std::span<const std::uint8_t> Machine::ram() const {
    return impl_->chip.ram;
}

std::uint32_t Machine::read_word(std::uint32_t address) const {
    std::uint32_t value = 0;
    if (!impl_->core.load_word(address, value)) {
        throw std::out_of_range(fmt::format("no memory at 0x{:08x}", address));
    }
    return value;
}

std::uint16_t Machine::backup_register(int number) const {
    return impl_->chip.bkp.state.dr.at(static_cast<std::size_t>(number - 1));
}

void Machine::set_backup_register(int number, std::uint16_t value) {
    impl_->chip.bkp.state.dr.at(static_cast<std::size_t>(number - 1)) = value;
}

std::span<const std::uint8_t> Machine::option_bytes() const {
    return impl_->chip.flash.state.options;
}

void Machine::set_option_bytes(std::span<const std::uint8_t> bytes) {
    auto& options = impl_->chip.flash.state.options;
    if (bytes.size() != options.size()) throw std::invalid_argument("option bytes are sixteen");
    std::copy(bytes.begin(), bytes.end(), options.begin());
    impl_->chip.refresh_system_page();
}

void Machine::stick_bits(std::uint32_t address, std::uint16_t mask, Level level) {
    if (address < flash_base || address - flash_base + 2 > flash().size()) {
        throw std::out_of_range(fmt::format("0x{:08x} is not within the flash", address));
    }
    impl_->chip.flash.stick_bits(address, mask, level);
}

std::uint32_t Machine::core_register(int number) const {
    return impl_->core.reg(number);
}

std::uint32_t Machine::xpsr() const {
    return impl_->core.xpsr();
}

bool Machine::sleeping() const {
    return impl_->core.sleeping();
}

std::uint32_t Machine::hclk_hz() const {
    return impl_->chip.rcc.hclk_hz();
}

void Machine::paint_ram(std::uint32_t pattern) {
    impl_->paint = pattern;
    const std::span<std::uint8_t> ram = impl_->chip.ram;
    for (std::size_t at = 0; at + 4 <= ram.size(); at += 4)
        std::memcpy(&ram[at], &pattern, sizeof pattern);
    impl_->core.forget_code(ram_base, static_cast<std::uint32_t>(ram.size()));
}

std::uint32_t Machine::deepest_ram_write(std::uint32_t from) const {
    const auto end = ram_base + static_cast<std::uint32_t>(ram().size());
    for (std::uint32_t at = from & ~3u; at < end; at += 4) {
        if (read_word(at) != impl_->paint) return at;
    }
    return end;
}

std::uint32_t Machine::lowest_stack_pointer() const {
    return impl_->core.lowest_sp;
}

bool Machine::probe_read(std::uint32_t address, unsigned size, std::uint32_t& value) {
    return impl_->chip.powered && impl_->access_port.read(address, size, value);
}

bool Machine::probe_write(std::uint32_t address, unsigned size, std::uint32_t value) {
    return impl_->chip.powered && impl_->access_port.write(address, size, value);
}

bool Machine::jtag_connected() const {
    return impl_->chip.powered && impl_->chip.afio.claimed_by_debug({'A', 15});
}

bool Machine::swd_connected() const {
    return impl_->chip.powered && impl_->chip.afio.claimed_by_debug({'A', 13});
}

bool Machine::halted() const {
    return impl_->chip.debug.state.halted;
}

void Machine::on_halt(std::function<void()> callback) {
    impl_->core.on_halt = std::move(callback);
}

void Machine::request_reset() {
    impl_->chip.services.request_reset(ResetCause::pin);
}

const MachineCounters& Machine::counters() const {
    MachineCounters& counters = impl_->counters;
    counters.instructions = impl_->core.instructions;
    counters.cycles = static_cast<std::uint64_t>(impl_->chip.services.clock.cycles);
    counters.complaints = impl_->chip.services.complaint_count;
    counters.flash_operations = impl_->chip.flash.state.operations;
    counters.usb_transactions = impl_->chip.usb.state.transactions;
    return counters;
}

const std::vector<std::string>& Machine::complaints() const {
    return impl_->chip.services.complaints;
}

const ChipVariant& Machine::variant() const {
    return impl_->chip.variant;
}

const BoardWiring& Machine::wiring() const {
    return impl_->chip.wiring;
}

}  // namespace sim
