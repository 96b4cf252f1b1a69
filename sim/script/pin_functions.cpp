// SPDX-License-Identifier: ISC
// Pins: levels that the script drives, waits for and measures.
#include <memory>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "sim/board/lines.hpp"
#include "sim/script/functions.hpp"

namespace sim::script {
namespace {

const char* name_of(Level level) {
    return level == Level::high ? "high" : "low";
}
std::string name_of(Pin pin) {
    return fmt::format("P{}{}", pin.port, pin.number);
}

/// Edges of one pin while it is measured.
struct Recording {
    bool on = true;
    std::vector<Time> rising;
    Time high_since{-1}, high{};
};

int measure(Call& call, Bench& bench) {
    const Pin pin = call.pin(1);
    const Time span = call.time(2);
    const auto seen = std::make_shared<Recording>();
    const Time start = bench.now();
    if (bench.machine.pin_level(pin) == Level::high) seen->high_since = start;
    bench.on_pin_change(pin, [seen](Time at, Level level) {
        if (!seen->on) return;
        if (level == Level::high) {
            seen->rising.push_back(at);
            seen->high_since = at;
        } else if (seen->high_since >= Time{}) {
            seen->high += at - seen->high_since;
            seen->high_since = Time{-1};
        }
    });
    bench.advance_to(start + span);
    seen->on = false;
    if (seen->high_since >= Time{}) seen->high += bench.now() - seen->high_since;
    const auto edges = seen->rising.size();
    const double period =
        edges < 2 ? 0 : seconds(seen->rising.back() - seen->rising.front()) / static_cast<double>(edges - 1);
    return call.answer_table({{"rising_edges", static_cast<std::int64_t>(edges)},
                              {"period", period},
                              {"high_share", seconds(seen->high) / seconds(bench.now() - start)}});
}

int expect_level(Call& call, Bench& bench) {
    const Pin pin = call.pin(1);
    const Level wanted = call.level(2);
    const Time patience = call.time_or(3, Time{});
    static_cast<void>(bench.last_change(pin));
    const Time start = bench.now();
    if (bench.machine.pin_level(pin) == wanted) return call.answer(seconds(start));
    if (bench.wait(patience, [&] { return bench.machine.pin_level(pin) == wanted; }))
        return call.answer(seconds(bench.last_change(pin)));
    throw Failure(patience == Time{}
                      ? fmt::format("{} is {}, expected {} (at {})", name_of(pin), name_of(!wanted), name_of(wanted),
                                    text_of(bench.now()))
                      : fmt::format("{} stayed {} for {}, expected {} (at {})", name_of(pin), name_of(!wanted),
                                    text_of(patience), name_of(wanted), text_of(bench.now())));
}

int expect_steady(Call& call, Bench& bench) {
    const Pin pin = call.pin(1);
    const Time before = bench.last_change(pin), start = bench.now();
    bench.advance_to(start + call.time(2));
    const Time after = bench.last_change(pin);
    if (after == before || after < start) return call.nothing();
    throw Failure(fmt::format("{} was to stay as it is for {}, and changed at {}", name_of(pin), text_of(call.time(2)),
                              text_of(after)));
}

}  // namespace

void add_pin_functions(Lua& lua, Bench& bench) {
    lua.add("pin.level",
            [&bench](Call& call) { return call.answer(std::string(name_of(bench.machine.pin_level(call.pin(1))))); });
    lua.add("pin.drive", [&bench](Call& call) {
        bench.machine.drive_pin(call.pin(1), call.level(2));
        return call.nothing();
    });
    lua.add("pin.voltage", [&bench](Call& call) {
        Lines(bench.machine).set_voltage(call.pin(1), call.number(2));
        return call.nothing();
    });
    lua.add("pin.release", [&bench](Call& call) {
        Lines(bench.machine).set_voltage(call.pin(1), std::nullopt);
        return call.nothing();
    });
    lua.add("pin.expect", [&bench](Call& call) { return expect_level(call, bench); });
    lua.add("pin.expect_steady", [&bench](Call& call) { return expect_steady(call, bench); });
    lua.add("pin.measure", [&bench](Call& call) { return measure(call, bench); });
    lua.add("pin.on_change", [&bench](Call& call) {
        bench.on_pin_change(call.pin(1), [&bench, callback = call.callback(2)](Time at, Level level) {
            bench.call_back([&] { return callback({std::string(name_of(level)), seconds(at)}); });
        });
        return call.nothing();
    });
}

}  // namespace sim::script
