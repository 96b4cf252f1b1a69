// SPDX-License-Identifier: ISC
// The table of bootloaders under test.
#include "tests/sim/support/target.hpp"

#include <algorithm>
#include <stdexcept>

#include "sim/usb/bus_timing.hpp"
#include "tests/support/paths.hpp"

namespace sim::test {
namespace {

constexpr std::uint32_t kib = 1024;
constexpr std::uint32_t flash_base = 0x0800'0000;
// A jumper is looked at after 50 us; a key has 20 ms to settle.
constexpr Time at_once = 200 * microsecond, after_key = 27 * millisecond;

/// A board as its documentation has it.
struct Facts {
    const char* name;
    unsigned flash_kib = 128;                ///< Of the part that it is sold with.
    std::uint32_t page = 1 * kib;            ///< Erase unit, bytes.
    std::vector<unsigned> high = {64, 128};  ///< Parts, in KiB, for which there is a high-memory bootloader.
    bool key = false;                        ///< Its button is a key, which may have a capacitor; no jumper.
    bool asks_chip = false;                  ///< Its bootloader believes the chip's size register.
    bool swj_off = false;                    ///< LED or button sit on debug pins.
    bool will_detach = true;                 ///< Leaves for the application by itself.
    unsigned alternate = 0;                  ///< The alternate setting that speaks DFU.
    int command_register = 1;                ///< Number of the backup register that asks for DFU.
    std::uint16_t command = 0x4F42;          ///< What has to stand there.
};

const std::vector<Facts>& boards_in_words() {
    static const std::vector<Facts> boards{
        {.name = "stm32f103"},
        {.name = "bluepill"},
        {.name = "bluepillplusstm32", .key = true},
        {.name = "bluepillplusgd32", .page = 2 * kib, .high = {}, .key = true},
        // Asked of the chip: on a smaller part it has to find a smaller end.
        {.name = "maplemini", .flash_kib = 64, .asks_chip = true},
        {.name = "stlink"},
        {.name = "olimexstm32h103", .key = true, .asks_chip = true},
        {.name = "bttskrminie3v2",
         .flash_kib = 256,
         .page = 2 * kib,
         .high = {64, 128, 256},
         .key = true,
         .swj_off = true,
         .will_detach = false,
         .alternate = 2,
         .command_register = 10,
         .command = 1},
    };
    return boards;
}

Target standard(const Facts& facts) {
    return {.name = facts.name,
            .board = facts.name,
            .flash_kib = facts.flash_kib,
            .page = facts.page,
            .application = flash_base + 8 * kib,
            .application_end = flash_base + facts.flash_kib * kib,
            .high_memory = false,
            .transfer_size = 2 * kib,
            .command_register = facts.command_register,
            .command = facts.command,
            .decision = facts.key ? after_key : at_once,
            .alternate = facts.alternate,
            .will_detach = facts.will_detach,
            .asks_chip = facts.asks_chip,
            .swj_off = facts.swj_off,
            .key = facts.key};
}

/// Below the end of the part: the bootloader in whole pages, then the record page.
Target high_memory(const Facts& facts, unsigned part_kib) {
    Target target = standard(facts);
    target.name += part_kib == 64 ? "-high" : "-high-" + std::to_string(part_kib);
    target.flash_kib = part_kib;
    target.high_memory = true;
    target.asks_chip = false;
    target.application = flash_base;
    const std::uint32_t reserve = facts.page == kib ? 3 * kib : 4 * kib;
    target.application_end = flash_base + part_kib * kib - reserve - facts.page;
    return target;
}

std::vector<Target> make_targets() {
    std::vector<Target> targets;
    for (const Facts& facts : boards_in_words()) {
        targets.push_back(standard(facts));
        for (const unsigned part : facts.high)
            targets.push_back(high_memory(facts, part));
    }
    return targets;
}

}  // namespace

const std::vector<Target>& targets() {
    static const std::vector<Target> table = make_targets();
    return table;
}

const Target& target(std::string_view name) {
    const auto found = std::ranges::find(targets(), name, &Target::name);
    if (found == targets().end()) throw std::out_of_range("no target " + std::string(name));
    return *found;
}

std::string identifier(std::string name) {
    std::ranges::replace(name, '-', '_');
    return name;
}

std::filesystem::path Target::elf() const {
    return test_paths::firmware("dapboot-" + name + ".elf");
}

Board Target::make_board() const {
    Board made = *find_board(board);
    made.chip = with_flash_size(made.chip, flash_kib);
    return made;
}

}  // namespace sim::test
