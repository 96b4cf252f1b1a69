// SPDX-License-Identifier: ISC
// The bench and its watcher.
#include "tests/sim/support/bench.hpp"

#include <algorithm>

#include "flasher/descriptors.hpp"

namespace sim::test {
namespace {

constexpr std::uint32_t flash_base = 0x0800'0000;
// Crystal, PLL, and DP held low for 10 ms: a bootloader attaches after 12 ms or so.
constexpr Time longest_start = 100 * millisecond;

}  // namespace

PowerCut FlashWatch::before(const FlashOperation& operation) {
    operations_.push_back(operation);
    const std::uint32_t size = operation.kind == FlashOperation::Kind::erase_page ? target_.page : 2;
    const bool of_array =
        operation.kind == FlashOperation::Kind::erase_page || operation.kind == FlashOperation::Kind::program;
    if (!of_array || operation.address < target_.application || operation.address + size > target_.writable_end())
        trespasses_.push_back(operation);
    return cut_index_ == operations_.size() - 1 ? cut_ : PowerCut{};
}

void FlashWatch::clear() {
    operations_.clear();
    trespasses_.clear();
    cut_index_.reset();
}

std::size_t FlashWatch::erases() const {
    return static_cast<std::size_t>(
        std::ranges::count(operations_, FlashOperation::Kind::erase_page, &FlashOperation::kind));
}

namespace {
/// Our own bootloader does nothing that silicon merely tolerates.
MachineOptions pedantic(MachineOptions options) {
    options.pedantic = true;
    return options;
}
}  // namespace

Bench::Bench(const Target& the_target, MachineOptions options)
    : Bench(the_target, the_target.make_board(), std::move(options)) {}

Bench::Bench(const Target& the_target, const Board& the_board, MachineOptions options,
             const std::filesystem::path& firmware)
    : target(the_target),
      board(the_board),
      machine(board.chip, board.wiring, pedantic(std::move(options))),
      host(machine.usb(), machine),
      watch(target) {
    machine.load(firmware.empty() ? target.elf() : firmware);
    machine.set_flash_observer(&watch);
    first_flash_.assign(machine.flash().begin(), machine.flash().end());
}

Bench::~Bench() {
    machine.set_flash_observer(nullptr);
}

void Bench::install(const Application& application) {
    machine.load_bytes(target.application, as_installed(target, application.bytes, machine.flash()));
}

void Bench::start_dfu() {
    machine.power_on();
    machine.set_backup_register(target.command_register, target.command);
    machine.reset();
}

void Bench::enter_dfu() {
    start_dfu();
    enumerate();
}

void Bench::enter_dfu_again() {
    machine.set_backup_register(target.command_register, target.command);
    machine.reset();
    host.advance(60 * millisecond);  // until it has left the bus and come back
    enumerate();
}

void Bench::enumerate() {
    transport = std::make_unique<HostTransport>(host);
}

flasher::DfuClient Bench::client() {
    const auto configuration = flasher::parse_configuration(transport->device().configuration_descriptor);
    return {*transport, flasher::dfu_interfaces(configuration).at(0)};
}

// Looks for the first instruction of whatever the vectors in flash say.
void Bench::watch_application(bool& started) {
    const std::uint32_t reset = target.application + (target.high_memory ? 7 * 4 : 4);
    machine.clear_on_execute();
    machine.on_execute(machine.read_word(reset) & ~1u, [&](Time) { started = true; });
}

Fate Bench::watch_start() {
    bool started = false;
    watch_application(started);
    bool decided = false;
    bool left = false;  // a fixed pull-up is seen from power on; a bootloader first takes it away
    const auto attached = [&] {
        left = left || !machine.usb().attached();
        return left && machine.usb().attached();
    };
    try {
        decided = machine.run_until(machine.now() + longest_start, [&] { return started || attached(); });
        // What has just started shall say who it is.
        if (started) machine.run_for(20 * microsecond);
    } catch (const MachineError&) {
        decided = false;
    }
    machine.clear_on_execute();
    if (!decided) return Fate::neither;
    return started ? Fate::application : Fate::bootloader;
}

Fate Bench::power_cycle_briefly() {
    bool started = false;
    machine.power_off();
    machine.power_on();
    watch_application(started);
    Fate fate = Fate::neither;
    try {
        machine.run_until(machine.now() + target.decision, [&] { return started; }, target.decision / 8);
        if (started) machine.run_for(20 * microsecond);
        if (started)
            fate = Fate::application;
        else if (target.is_bootloader(machine.core_register(15)))
            fate = Fate::bootloader;
    } catch (const MachineError&) {
        fate = Fate::neither;
    }
    machine.clear_on_execute();
    return fate;
}

Fate Bench::power_cycle() {
    machine.power_off();
    machine.power_on();
    return watch_start();
}

bool Bench::running(const Application& application) const {
    const std::uint32_t pc = machine.core_register(15);
    return machine.powered() && machine.read_word(Application::mark_address) == application.mark &&
           pc >= application.reset && pc < application.reset + 12;
}

bool Bench::boots(const Application& application) {
    return power_cycle() == Fate::application && running(application) && holds(application);
}

bool Bench::bootloader_is_whole() const {
    const auto same = [&](std::uint32_t from, std::uint32_t size) {
        const std::size_t at = from - flash_base;
        return std::ranges::equal(machine.flash().subspan(at, size), std::span(first_flash_).subspan(at, size));
    };
    if (!target.high_memory) return same(flash_base, target.application - flash_base);
    const auto end = flash_base + static_cast<std::uint32_t>(machine.flash().size());
    return same(flash_base + 4, 4) && same(target.bootloader(), end - target.bootloader());
}

}  // namespace sim::test
