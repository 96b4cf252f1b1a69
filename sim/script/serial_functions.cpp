// SPDX-License-Identifier: ISC
// Serial lines: bytes to and from USARTs, and what answers on SPI and I2C.
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "sim/board/eeprom.hpp"
#include "sim/board/lines.hpp"
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

/// Frames follow each other without a pause; when the last one has passed the script goes on.
int send(Call& call, Bench& bench) {
    const auto number = static_cast<int>(call.integer(1, 1, usarts));
    const auto baud = static_cast<std::uint32_t>(call.has(3) ? call.integer(3, 300, 4'500'000) : 115'200);
    const std::string framing = call.text_or(4, "8N1");
    if (framing != "8N1" && framing != "8E1" && framing != "8O1")
        throw Failure(fmt::format("a frame is \"8N1\", \"8E1\" or \"8O1\", not {}", text_in_quotes(framing)));
    using Parity = Lines::Parity;
    const Parity parity = framing == "8N1" ? Parity::none : framing == "8E1" ? Parity::even : Parity::odd;
    const double bits = parity == Parity::none ? 10 : 11;
    const Time start = bench.now();
    double sent = 0;
    for (const char byte : call.text(2)) {
        Lines(bench.machine).begin_byte(number, static_cast<std::uint8_t>(byte), baud, parity);
        ++sent;
        bench.advance_to(start + Time{static_cast<std::int64_t>(sent * bits / baud * 1e12)});
    }
    return call.nothing();
}

/// A device on SPI: the function gets what goes out and how many bits it has, and answers what comes back.
int answer_spi(Call& call, Bench& bench) {
    const auto number = static_cast<int>(call.integer(1, 1, 2));
    if (!call.has(2)) {
        Lines(bench.machine).connect_spi(number, {});
        return call.nothing();
    }
    Lines(bench.machine)
        .connect_spi(number,
                     [&bench, callback = call.callback(2), alive = bench.alive()](
                         std::uint16_t value, unsigned bits) -> std::optional<std::uint16_t> {
                         if (alive.expired()) return std::nullopt;
                         const auto back =
                             bench.call_back([&] { return callback({std::int64_t{value}, std::int64_t{bits}}); });
                         return back ? std::optional(static_cast<std::uint16_t>(*back)) : std::nullopt;
                     });
    return call.nothing();
}

}  // namespace

void add_serial_functions(Lua& lua, Bench& bench) {
    lua.add("spi.answer", [&bench](Call& call) { return answer_spi(call, bench); });
    lua.add("i2c.connect", [&bench](Call& call) {
        const auto address = static_cast<std::uint8_t>(call.integer(2, 0x08, 0x77));
        const auto eeprom = std::make_shared<Eeprom>(address);
        const std::string content = call.text_or(3, "");
        if (content.size() > eeprom->content.size()) throw Failure("a 24C02 holds 256 bytes");
        std::ranges::copy(content, eeprom->content.begin());
        Lines(bench.machine).connect_i2c(static_cast<int>(call.integer(1, 1, 2)), eeprom);
        return call.nothing();
    });
    lua.add("serial.expect", [&bench](Call& call) { return expect_text(call, bench); });
    lua.add("serial.send", [&bench](Call& call) { return send(call, bench); });
    lua.add("serial.read", [&bench](Call& call) {
        return call.answer(std::exchange(bench.received[static_cast<int>(call.integer(1, 1, usarts))], {}));
    });
}

}  // namespace sim::script
