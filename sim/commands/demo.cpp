// SPDX-License-Identifier: ISC
// dapboot-sim demo: power, enumerate, download, and watch the application blink. Read demo() for the story.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/commands/commands.hpp"
#include "sim/commands/describe.hpp"
#include "sim/commands/exit_codes.hpp"
#include "sim/commands/flashing.hpp"
#include "sim/commands/session.hpp"
#include "sim/commands/terminal.hpp"

namespace sim::commands {
namespace {

constexpr int toggles_shown = 6;
constexpr Time patience_for_toggles = 15'000 * millisecond;

struct DemoOptions {
    BoardOptions board;
    std::filesystem::path application;
};

flasher::DeviceInfo enumerate_and_print(HostTransport& transport, Session& session) {
    const auto info = flasher::read_device_info(transport);
    print_title(fmt::format("USB device, {} after power-on", text_of(session.host().now())));
    print_device(info, transport.device().address);
    return info;
}

/// Compares flash with the image: what the LED shows must come from what USB carried. Where the
/// application's vector table is the one that the chip starts with, a high-memory bootloader keeps
/// words of its own in it; there the comparison begins after the vectors of the core.
void require_installed(Machine& machine, const flasher::Image& image, std::uint32_t address) {
    constexpr std::uint32_t flash_start = 0x0800'0000, core_vectors = 16 * 4;
    const std::size_t skipped = address == flash_start ? std::min<std::size_t>(core_vectors, image.bytes.size()) : 0;
    const auto flash = machine.flash().subspan(address - flash_start, image.bytes.size());
    const auto [there, sent] = std::ranges::mismatch(flash.subspan(skipped), std::span{image.bytes}.subspan(skipped));
    if (there == flash.end()) return;
    throw BehaviourError(
        fmt::format("flash differs from the image at {:#010x} ({:#04x} instead of {:#04x}); "
                    "the bootloader reported success wrongly",
                    address + static_cast<std::uint32_t>(there - flash.begin()), *there, *sent));
}

/// Shows toggles as they happen. The host keeps its bus alive meanwhile, as a real one does.
void watch_led(Session& session) {
    const auto& wiring = session.board().wiring;
    if (!wiring.has_led) throw UsageError("the demo needs a board with an LED");
    int toggles = 0;
    session.machine().on_pin_change(wiring.led, [&](Time at, Level level) {
        if (toggles >= toggles_shown) return;
        ++toggles;
        fmt::print("  {}  t = {}\n", led_sign(level == wiring.led_lit), text_of(at));
        std::fflush(stdout);
    });
    const Time end = session.host().now() + patience_for_toggles;
    while (toggles < toggles_shown && session.host().now() < end)
        session.host().advance(50 * millisecond);
    session.machine().on_pin_change(wiring.led, {});
    if (toggles < toggles_shown)
        throw BehaviourError(
            fmt::format("the LED toggled {} times in {} after the download, {} were expected; does "
                        "the application blink P{}{}?",
                        toggles, text_of(patience_for_toggles), toggles_shown, wiring.led.port, wiring.led.number));
}

void demo(const DemoOptions& options) {
    const auto wall_start = std::chrono::steady_clock::now();
    require_file(options.application, "application");
    const auto image = flasher::load_image(options.application);
    Session session(options.board);

    print_title(fmt::format("A virtual {}: {}, {} KiB of flash", session.board().title,
                            session.machine().variant().name, session.machine().variant().flash_bytes / 1024));
    print_fact("bootloader", options.board.firmware.filename().string());
    session.power_on();

    HostTransport transport(session.host(), find_device(session));
    const auto info = enumerate_and_print(transport, session);
    if (!flasher::is_dapboot(info))
        throw BehaviourError(fmt::format(
            "the device calls itself \"{}\", which is not dapboot; choose a dapboot with --firmware", info.product));

    print_title(fmt::format("Download of {}, {} bytes", options.application.filename().string(), image.bytes.size()));
    // The flash itself is looked at below; here the device is watched leaving by itself, as most hosts see it.
    flasher::FlashOptions unverified;
    unverified.verify = false;
    const auto report =
        flash_with_progress(session.host(), transport, session.machine().variant(), info, image, unverified);
    if (!report.target.base)
        throw BehaviourError("the bootloader does not tell where it puts an image; choose a dapboot with --firmware");
    require_installed(session.machine(), image, *report.target.base);

    print_title("The application runs: LED over virtual time");
    watch_led(session);

    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - wall_start;
    fmt::print("\n{} {} of virtual time in {:.2f} s.\n", painted(Paint::good, "All of it worked:"),
               text_of(session.host().now()), wall.count());
}

}  // namespace

void add_demo(CLI::App& app) {
    auto options = std::make_shared<DemoOptions>();
    auto* command = app.add_subcommand("demo", "flash an application over USB and watch its LED");
    command->add_option("--firmware", options->board.firmware, "bootloader: .bin, .hex or .elf")->required();
    command->add_option("--application", options->application, "application: .bin, .hex, .elf or .dfu")->required();
    add_board_options(*command, options->board);
    command->callback([options] { demo(*options); });
}

}  // namespace sim::commands
