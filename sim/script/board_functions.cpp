// SPDX-License-Identifier: ISC
// Power, reset, button, memory, and what the board counted.
#include <fmt/format.h>

#include "flasher/image.hpp"
#include "sim/script/functions.hpp"

namespace sim::script {
namespace {

std::string bytes_of_memory(const Machine& machine, std::uint32_t address, std::uint32_t length) {
    std::string bytes;
    for (std::uint32_t at = address; at < address + length; ++at) {
        const std::uint32_t word = machine.read_word(at & ~3U);
        bytes += static_cast<char>(word >> (8 * (at & 3)));
    }
    return bytes;
}

void add_power(Lua& lua, Bench& bench) {
    const auto acts = [&](const std::string& name, std::function<void(Call&)> act) {
        lua.add(name, [&bench, act = std::move(act)](Call& call) {
            bench.require_standing_board();
            act(call);
            bench.changed();
            return call.nothing();
        });
    };
    acts("board.power_on", [&bench](Call&) { bench.machine.power_on(); });
    acts("board.power_off", [&bench](Call&) {
        bench.device.reset();
        bench.machine.power_off();
    });
    acts("board.reset", [&bench](Call&) { bench.machine.reset(); });
    acts("board.press", [&bench](Call&) { bench.machine.press_button(true); });
    acts("board.release", [&bench](Call&) { bench.machine.press_button(false); });
    acts("board.boot0", [&bench](Call& call) { bench.machine.set_boot0(call.level(1)); });
    acts("board.fail_crystal", [&bench](Call& call) { bench.machine.fail_crystal(call.truth(1)); });
    acts("board.cut_power_at_flash_operation", [&bench](Call& call) {
        const auto share = call.has(2) ? std::optional(call.number(2)) : std::nullopt;
        if (share && (*share < 0 || *share > 1)) throw Failure("the share of the bits that have moved is 0 to 1");
        const auto operation = static_cast<std::uint64_t>(call.integer(1, 1, 1'000'000'000));
        bench.power_cut.plan(operation, {.when = share ? PowerCut::When::during : PowerCut::When::before,
                                         .fraction = share.value_or(0),
                                         .seed = operation});
    });
    acts("board.load", [&bench](Call& call) {
        constexpr std::uint32_t flash_start = 0x0800'0000;
        const auto base = call.has(2) ? call.integer(2, flash_start, 0x0810'0000) : flash_start;
        bench.machine.load(bench.folder / call.text(1), static_cast<std::uint32_t>(base));
    });
}

void add_counters(Lua& lua, Bench& bench) {
    const auto counts = [&](const std::string& name, std::function<std::uint64_t()> value) {
        lua.add(name,
                [value = std::move(value)](Call& call) { return call.answer(static_cast<std::int64_t>(value())); });
    };
    counts("board.resets", [&bench] { return bench.machine.counters().resets; });
    counts("board.flash_operations", [&bench] { return bench.machine.counters().flash_operations; });
    counts("board.hclk", [&bench] { return bench.machine.hclk_hz(); });
    lua.add("board.powered", [&bench](Call& call) { return call.answer_truth(bench.machine.powered()); });
    lua.add("board.complaints", [&bench](Call& call) { return call.answer_list(bench.machine.complaints()); });
    lua.add("board.led", [&bench](Call& call) {
        if (!bench.machine.wiring().has_led)
            throw Failure(fmt::format("board {} has no LED", bench.machine.wiring().name));
        return call.answer_truth(bench.machine.led_lit());
    });
}

void add_memory(Lua& lua, Bench& bench) {
    constexpr std::int64_t last_address = 0xffff'ffff, most = 1 << 20;
    lua.add("memory.read", [&bench](Call& call) {
        const auto address = static_cast<std::uint32_t>(call.integer(1, 0, last_address));
        return call.answer(
            bytes_of_memory(bench.machine, address, static_cast<std::uint32_t>(call.integer(2, 1, most))));
    });
    lua.add("memory.word", [&bench](Call& call) {
        const auto address = static_cast<std::uint32_t>(call.integer(1, 0, last_address));
        return call.answer(std::int64_t{bench.machine.read_word(address)});
    });
    lua.add("memory.file", [&bench](Call& call) {
        const auto image = flasher::load_image(bench.folder / call.text(1));
        return call.answer(std::string(image.bytes.begin(), image.bytes.end()));
    });
    lua.add("board.backup_register", [&bench](Call& call) {
        const auto number = static_cast<int>(call.integer(1, 1, 42));
        if (call.has(2))
            bench.machine.set_backup_register(number, static_cast<std::uint16_t>(call.integer(2, 0, 0xffff)));
        return call.answer(std::int64_t{bench.machine.backup_register(number)});
    });
}

}  // namespace

void add_board_functions(Lua& lua, Bench& bench) {
    add_power(lua, bench);
    add_counters(lua, bench);
    add_memory(lua, bench);
}

}  // namespace sim::script
