// SPDX-License-Identifier: ISC
// How soon after a reset the application runs, and how soon a host sees the bootloader.
#include <optional>

#include <fmt/format.h>

#include "bench/measures.hpp"
#include "bench/scenario.hpp"

namespace bench {
namespace {

constexpr double us = 1e-6;

/// Microseconds from the end of reset to the first instruction of an installed application.
double reset_to_application(const ScenarioOptions& options) {
    Scenario scenario(options);
    scenario.install(random_application(2048, options.application_base, 1));
    scenario.power_on();
    auto& machine = scenario.machine();
    machine.run_for(1'000 * sim::millisecond);
    std::optional<sim::Time> started;
    machine.on_execute(entry_of(options.application_base), [&](sim::Time at) {
        if (!started) started = at;
    });
    machine.reset();
    const sim::Time begin = machine.now();
    machine.run_for(1'000 * sim::millisecond);
    if (!started) throw std::runtime_error("the application did not start after a reset");
    return sim::seconds(*started - begin) / us;
}

struct UsbStart {
    double held_low = 0;   ///< Until DP is held low.
    double connected = 0;  ///< Until the pull-up is seen for good.
};

UsbStart reset_to_usb(const ScenarioOptions& options) {
    Scenario scenario(options);
    auto& machine = scenario.machine();
    machine.power_on();
    const sim::Time begin = machine.now();
    const auto until = [&](const std::string& what, const std::function<bool()>& done) {
        if (!machine.run_until(begin + 1'000 * sim::millisecond, done, sim::microsecond))
            throw std::runtime_error(fmt::format("one second after power-on: {}", what));
        return sim::seconds(machine.now() - begin) / 1e-3;
    };
    UsbStart start;
    start.held_low = until("DP was not held low", [&] { return !machine.usb().attached(); });
    start.connected = until("not connected", [&] { return machine.usb().attached(); });
    return start;
}

}  // namespace

Section measure_starts(const Binaries& binaries) {
    const auto options = [&](const std::string& board, const std::filesystem::path& firmware) {
        return ScenarioOptions{.board = board, .firmware = firmware};
    };
    const auto bluepill = options("bluepill", binaries.firmware / "dapboot-bluepill.elf");
    constexpr double delay = 20'000;  // microseconds: BUTTON_SAMPLE_DELAY_CYCLES=1440000
    const double none = reset_to_application(options("stm32f103", binaries.firmware / "dapboot-stm32f103.elf"));
    const double jumper = reset_to_application(bluepill);
    const double key =
        reset_to_application(options("bluepill", binaries.option_builds / "button-20ms" / "dapboot.elf"));
    const auto usb = reset_to_usb(bluepill);

    Section section{.title = "Starts", .text = "Virtual time from the end of reset.", .figures = {}, .table = {}};
    section.figures.push_back({.key = "start.no_button",
                               .title = "to the application, no button on the board (STM32F103)",
                               .value = none,
                               .unit = "us",
                               .note = "",
                               .decimals = 1});
    section.figures.push_back({.key = "start.bluepill",
                               .title = "to the application, BLUEPILL",
                               .value = jumper,
                               .unit = "us",
                               .note = "50 us of them for the jumper to settle",
                               .decimals = 1});
    section.figures.push_back({.key = "start.above_delay",
                               .title = "to the application, beyond a button delay of 20 ms",
                               .value = key - delay,
                               .unit = "us",
                               .note = fmt::format("{:.3f} ms in all", key / 1e3),
                               .decimals = 1});
    section.figures.push_back(
        {.key = "start.usb",
         .title = "to USB connected, BLUEPILL without application",
         .value = usb.connected,
         .unit = "ms",
         .note = fmt::format("decision and crystal (modelled at 2 ms) {:.2f} ms, then DP held low for "
                             "{:.2f} ms, in which the PLL locks, so that the host sees a new device",
                             usb.held_low, usb.connected - usb.held_low),
         .decimals = 2});
    return section;
}

}  // namespace bench
