// SPDX-License-Identifier: ISC
// Serial lines: bytes to and from USARTs.
#include <fmt/format.h>

#include "sim/script/functions.hpp"

namespace sim::script {
namespace {

constexpr std::int64_t usarts = 3;

int expect_text(Call& call, Bench& bench) {
    const auto number = static_cast<int>(call.integer(1, 1, usarts));
    const std::string wanted = call.text(2);
    std::string& line = bench.received[number];
    const bool came =
        bench.wait(call.time_or(3, Time{1'000'000'000'000}), [&] { return line.find(wanted) != std::string::npos; });
    if (!came)
        throw Failure(fmt::format("USART{} did not send {} within {}; {} (at {})", number, call.shown(2),
                                  text_of(call.time_or(3, Time{1'000'000'000'000})),
                                  line.empty() ? "it sent nothing" : "it sent " + text_in_quotes(line),
                                  text_of(bench.now())));
    const auto at = line.find(wanted);
    const std::string before = line.substr(0, at);
    line.erase(0, at + wanted.size());
    return call.answer(before);
}

}  // namespace

void add_serial_functions(Lua& lua, Bench& bench) {
    lua.add("serial.expect", [&bench](Call& call) { return expect_text(call, bench); });
    lua.add("serial.read", [&bench](Call& call) {
        return call.answer(std::exchange(bench.received[static_cast<int>(call.integer(1, 1, usarts))], {}));
    });
}

}  // namespace sim::script
