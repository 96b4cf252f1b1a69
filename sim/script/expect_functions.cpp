// SPDX-License-Identifier: ISC
// What a script may expect of values.
#include <cmath>

#include <fmt/format.h>

#include "sim/script/functions.hpp"

namespace sim::script {
namespace {

/// "the product: " from an optional last argument.
std::string subject(const Call& call, int position) {
    return call.has(position) ? call.text(position) + ": " : "";
}

}  // namespace

std::string text_of(Time time) {
    const double value = seconds(time);
    if (value >= 1) return fmt::format("{:.6g} s", value);
    if (value >= 1e-3) return fmt::format("{:.6g} ms", value * 1e3);
    return fmt::format("{:.6g} us", value * 1e6);
}

void add_expect_functions(Lua& lua, Bench& bench) {
    lua.add("expect", [&bench](Call& call) {
        if (call.truth(1)) return call.nothing();
        throw Failure(fmt::format("{} (at {})", call.text_or(2, "what was expected is not so"), text_of(bench.now())));
    });
    lua.add("expect_equal", [&bench](Call& call) {
        if (call.equal(1, 2)) return call.nothing();
        throw Failure(fmt::format("{}expected {}, got {} (at {})", subject(call, 3), call.shown(2), call.shown(1),
                                  text_of(bench.now())));
    });
    lua.add("expect_near", [&bench](Call& call) {
        const double got = call.number(1), wanted = call.number(2), tolerance = call.number(3);
        if (std::abs(got - wanted) <= tolerance) return call.nothing();
        throw Failure(fmt::format("{}expected {} within {}, got {} (at {})", subject(call, 4), wanted, tolerance, got,
                                  text_of(bench.now())));
    });
    lua.add("print", [&bench](Call& call) {
        std::string line;
        for (int at = 1; at <= call.count(); ++at)
            line += (at > 1 ? " " : "") + call.printed(at);
        bench.print(line);
        return call.nothing();
    });
    lua.add("now", [&bench](Call& call) { return call.answer(seconds(bench.now())); });
    lua.add("wait", [&bench](Call& call) {
        bench.advance_to(bench.now() + call.time(1));
        return call.nothing();
    });
}

}  // namespace sim::script
