// SPDX-License-Identifier: ISC
// The table of what is built.
#include "tests/sim/boards/built_target.hpp"

#include <algorithm>

#include "sim/usb/bus_timing.hpp"

namespace sim::test {
namespace {

constexpr std::uint32_t flash_base = 0x0800'0000;
constexpr std::uint32_t kib = 1024;

struct Line {
    const char* board;
    unsigned flash_kib;  ///< That applications of the standard variant may count on.
    std::uint32_t page;
    std::vector<unsigned> high;  ///< Parts, in KiB, for which there is a high-memory variant.
    bool key;
};

const std::vector<Line>& lines() {
    static const std::vector<Line> table{
        {"stm32f103", 128, 1 * kib, {64, 128}, false},        {"bluepill", 128, 1 * kib, {64, 128}, false},
        {"bluepillplusstm32", 128, 1 * kib, {64, 128}, true}, {"bluepillplusgd32", 128, 2 * kib, {}, true},
        {"maplemini", 128, 1 * kib, {64, 128}, false},        {"stlink", 128, 1 * kib, {64, 128}, false},
        {"olimexstm32h103", 128, 1 * kib, {64, 128}, true},   {"bttskrminie3v2", 256, 2 * kib, {64, 128, 256}, true},
    };
    return table;
}

BuiltTarget common(const Line& line) {
    const std::string board = line.board;
    const bool skr = board == "bttskrminie3v2";
    BuiltTarget built;
    built.target = {.name = board,
                    .board = board,
                    .flash_kib = line.flash_kib,
                    .page = line.page,
                    .application = flash_base + 8 * kib,
                    .application_end = flash_base + line.flash_kib * kib,
                    .high_memory = false,
                    .transfer_size = 1024,
                    .command_register = skr ? 10 : 1,
                    .command = static_cast<std::uint16_t>(skr ? 1 : 0x4F42),
                    .decision = 40 * millisecond};
    built.alternate = skr ? 2 : 0;
    built.will_detach = !skr;
    built.asks_chip = board == "maplemini" || board == "olimexstm32h103";
    built.swj_off = skr;
    built.ram_limit = 4 * line.page;
    built.key = line.key;
    return built;
}

std::vector<BuiltTarget> make_table() {
    std::vector<BuiltTarget> table;
    for (const auto& line : lines()) {
        table.push_back(common(line));
        for (const unsigned part : line.high) {
            auto built = common(line);
            built.target.name += part == 64 ? "-high" : "-high-" + std::to_string(part);
            built.target.high_memory = true;
            built.target.application = flash_base;
            // Below the end of the part: the bootloader in whole pages, then the record page.
            const std::uint32_t reserve = line.page == kib ? 3 * kib : 4 * kib;
            built.target.application_end = flash_base + part * kib - reserve - line.page;
            built.asks_chip = false;
            table.push_back(built);
        }
    }
    return table;
}

}  // namespace

Board BuiltTarget::board() const {
    Board made = target.make_board();
    made.chip.page_bytes = target.page;  // the GD32 has larger pages than an ST part of its size
    return made;
}

Board BuiltTarget::board_with_slow_key() const {
    Board made = board();
    const bool has_resistor = !made.wiring.pulls.empty();
    constexpr double bounce = 12e-3;  // seconds, three times R*C
    constexpr double internal_pull = 40'000;
    if (has_resistor)
        made.wiring.pulls.front().farads = bounce / 3 / made.wiring.pulls.front().ohms;
    else
        made.wiring.pulls.push_back({.pin = made.wiring.button.pin,
                                     .to = !made.wiring.button.pressed,
                                     .ohms = 1e9,  // leakage: only the chip's own pull counts
                                     .farads = bounce / 3 / internal_pull});
    return made;
}

const std::vector<BuiltTarget>& built_targets() {
    static const std::vector<BuiltTarget> table = make_table();
    return table;
}

std::vector<BuiltTarget> built_targets_where(bool (*holds)(const BuiltTarget&)) {
    std::vector<BuiltTarget> found;
    std::ranges::copy_if(built_targets(), std::back_inserter(found), holds);
    return found;
}

std::string name_of(const testing::TestParamInfo<BuiltTarget>& info) {
    return identifier(info.param.target.name);
}

std::ostream& operator<<(std::ostream& out, const BuiltTarget& built) {
    return out << built.target.name;
}

}  // namespace sim::test
