// SPDX-License-Identifier: ISC
// dapboot-sim gdb: a board under gdb, with a USB host at its port that goes on meanwhile.
#include <csignal>
#include <memory>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sim/commands/board_watch.hpp"
#include "sim/commands/commands.hpp"
#include "sim/commands/exit_codes.hpp"
#include "sim/commands/flashing.hpp"
#include "sim/commands/session.hpp"
#include "sim/commands/socket_stream.hpp"
#include "sim/commands/terminal.hpp"
#include "sim/debug/gdb_server.hpp"
#include "sim/serve/pacer.hpp"
#include "sim/usb/dfu_transport.hpp"

namespace sim::commands {
namespace {

volatile int stop = 0;

struct GdbOptions {
    BoardOptions board;
    int port = 3333;
    std::filesystem::path image;
    bool fast = false;
};

/// gdb or Ctrl-C asked for the end.
struct Ended {};

/// The board's world: its machine, run in small steps between which gdb is looked at.
class DebuggedClock : public BusClock {
  public:
    DebuggedClock(Machine& machine, const GdbOptions& options)
        : machine_(machine),
          fast_(options.fast),
          listener_({.host = "127.0.0.1", .port = static_cast<std::uint16_t>(options.port)}),
          server_(machine) {
        server_.set_stop(&stop);
    }

    [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
    [[nodiscard]] Time now() const override { return machine_.now(); }

    void wait_for_gdb() {
        while (!server_.connected() && stop == 0) {
            look_around();
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }

    void run_until(Time when) override {
        while (machine_.now() < when) {
            look_around();
            try {
                machine_.run_until(std::min(when, machine_.now() + millisecond));
            } catch (const MachineError& error) {
                if (!server_.connected()) throw;
                server_.crash(error.what());
            }
            if (server_.killed() || stop != 0) throw Ended{};
            pace();
        }
    }

  private:
    void look_around() {
        if (auto accepted = listener_.accept()) {
            if (server_.connected()) return say(now(), "a second gdb was turned away");
            say(now(), "gdb connected from " + accepted->peer);
            server_.connect(std::make_unique<SocketStream>(std::move(accepted->socket)));
        }
        server_.poll();
    }

    // Once a millisecond of virtual time. The time in which the core was halted is not caught up with.
    void pace() {
        if (fast_ || now() - paced_to_ < millisecond) return;
        pacer_.passed(now() - paced_to_);
        paced_to_ = now();
        std::this_thread::sleep_until(pacer_.due());
    }

    Machine& machine_;
    bool fast_;
    serve::usbip::Listener listener_;
    debug::GdbServer server_;
    serve::Pacer pacer_;
    Time paced_to_{};
};

/// What a computer does with a device that has appeared: looks at it, and loads the image if that was asked for.
void meet_device(UsbHost& host, const ChipVariant& chip, std::optional<flasher::Image>& image) {
    try {
        HostTransport transport(host);
        const auto info = flasher::read_device_info(transport);
        say(host.now(),
            fmt::format("USB device {:04x}:{:04x} {}", info.device.idVendor, info.device.idProduct, info.product));
        if (!image || !flasher::is_bootloader(info)) return;
        flash_with_progress(host, transport, chip, info, *image);
        image.reset();
    } catch (const EnumerationError& error) {
        say(host.now(), fmt::format("USB device not usable: {}", error.what()));
    } catch (const flasher::DfuError& error) {
        say(host.now(), fmt::format("download failed: {}", error.what()));
    } catch (const flasher::DeviceInfoError& error) {
        say(host.now(), fmt::format("USB device not usable: {}", error.what()));
    }
}

void debug_board(const GdbOptions& options) {
    std::optional<flasher::Image> image;
    if (!options.image.empty()) {
        require_file(options.image, "image");
        image = flasher::load_image(options.image);
    }
    const auto setup = board_setup(options.board);
    const auto& board = setup.board;
    Machine machine(board.chip, board.wiring, setup.options);
    setup.load(machine);
    if (setup.button_held) machine.press_button(true);
    machine.power_on();
    DebuggedClock clock(machine, options);
    UsbHost host(machine.usb(), clock);
    std::signal(SIGINT, [](int) { stop = 1; });
    std::signal(SIGTERM, [](int) { stop = 1; });
    fmt::print("{} waits at its first instruction for gdb:\n  gdb-multiarch -ex 'target remote localhost:{}' {}\n",
               board.title, clock.port(), options.board.firmware.string());
    std::fflush(stdout);
    clock.wait_for_gdb();
    try {
        BoardWatch(machine, host).advance_to(never, [&] { meet_device(host, board.chip, image); });
    } catch (const Ended&) {
        say(machine.now(), "end");
    }
}

}  // namespace

void add_gdb(CLI::App& app) {
    auto options = std::make_shared<GdbOptions>();
    auto* command = app.add_subcommand("gdb", "debug a binary with gdb, while a USB host uses the board");
    command->add_option("firmware", options->board.firmware, ".bin, .hex or .elf")->required();
    command->add_option("--port", options->port, "of localhost, for gdb; 0 picks a free one")
        ->check(CLI::Range(0, 65535))
        ->capture_default_str();
    command->add_option("--download", options->image,
                        "what the USB host sends to the bootloader as soon as it is there");
    command->add_flag("--fast", options->fast, "virtual time as fast as possible, not in step with the clock");
    add_board_options(*command, options->board);
    command->callback([options] { debug_board(*options); });
}

}  // namespace sim::commands
