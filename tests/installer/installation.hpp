// SPDX-License-Identifier: ISC
// A board with somebody's bootloader, which starts one of our installers.
#pragma once

#include <algorithm>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "flasher/image.hpp"
#include "sim/board/machine.hpp"
#include "sim/usb/bus_timing.hpp"
#include "tests/sim/support/target.hpp"
#include "tests/support/paths.hpp"

namespace installer_test {

constexpr std::uint32_t flash_base = 0x0800'0000;

/// What stands at the start of the flash, and where it starts applications.
struct Predecessor {
    std::string name;
    std::filesystem::path elf;
    std::uint32_t application;
};
inline Predecessor stand_in(const std::string& name) {
    return {name, test_paths::built("tests/installer/bootloaders/" + name + ".elf"),
            name == "maple-5000" ? 0x0800'5000U : 0x0800'2000U};
}

/// Writes down what the flash sees, and may cut the power.
class Recorder : public sim::FlashObserver {
  public:
    sim::PowerCut before(const sim::FlashOperation& operation) override {
        operations.push_back(operation);
        return {};
    }
    void after(const sim::FlashOperation&) override {}
    std::vector<sim::FlashOperation> operations;
};

class Installation {
  public:
    Installation(const sim::test::Target& installed, const Predecessor& predecessor)
        : Installation(installed, predecessor, installed.make_board()) {}
    Installation(const sim::test::Target& installed, const Predecessor& predecessor, const sim::Board& board)
        : target(installed), old(predecessor), machine(board.chip, board.wiring, {.pedantic = true, .log = {}}) {
        const auto image = flasher::load_image(installed.elf());
        wanted.assign(image.bytes.begin(), image.bytes.end());
        machine.load(old.elf);
        const bool usual = old.application == 0x0800'2000;
        machine.load(test_paths::firmware("install-dapboot-" + target.name + (usual ? ".elf" : "-at-0x08005000.elf")));
        entry = machine.read_word(old.application + 4) & ~1U;
        first_flash.assign(machine.flash().begin(), machine.flash().end());
        machine.set_flash_observer(&recorder);
    }
    ~Installation() { machine.set_flash_observer(nullptr); }
    Installation(const Installation&) = delete;
    Installation& operator=(const Installation&) = delete;

    /// The new bootloader lies in flash, and what page 0 must have for it.
    [[nodiscard]] bool holds_new() const {
        const std::size_t at = target.bootloader() - flash_base;
        const auto same = [&](std::size_t from, std::size_t size) {
            return std::ranges::equal(machine.flash().subspan(from, size), std::span(wanted).subspan(from, size));
        };
        return same(at, wanted.size() - at) && same(4, 4);
    }
    /// It runs, and a host can see it.
    [[nodiscard]] bool runs_new() {
        return holds_new() && target.is_bootloader(machine.core_register(15)) && machine.usb().attached();
    }
    /// Lets the board run until it does.
    bool ends_in_new(sim::Time limit = 3000 * sim::millisecond) {
        return machine.run_until(machine.now() + limit, [&] { return runs_new(); }) && stays_in_new();
    }
    /// The device that a host finds is the bootloader: it does not leave again.
    bool stays_in_new() {
        machine.run_for(30 * sim::millisecond);
        return runs_new();
    }

    const sim::test::Target target;
    const Predecessor old;
    sim::Machine machine;
    Recorder recorder;
    std::vector<std::uint8_t> wanted;       ///< The bootloader's image, from the start of the flash.
    std::vector<std::uint8_t> first_flash;  ///< Before anything ran.
    std::uint32_t entry = 0;                ///< The installer's first instruction.
};

}  // namespace installer_test
