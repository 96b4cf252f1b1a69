// SPDX-License-Identifier: ISC
// The table of variations.
#include "sim/commands/variations.hpp"

#include <array>
#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "flasher/terminal/nearest.hpp"
#include "sim/commands/exit_codes.hpp"

namespace sim::commands {
namespace {

struct Variation {
    const char* name;
    const char* value;  ///< What to write behind the equals sign; empty: nothing.
    const char* what;
    void (*apply)(Board& board, const std::string& value);
};

std::uint32_t number(const std::string& text, std::uint32_t least, std::uint32_t most, const char* name) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most)
        throw UsageError(fmt::format("--with {} takes {} to {}, not '{}'", name, least, most, text));
    return value;
}

constexpr std::array variations{
    Variation{"crystal-start", "MS", "the crystal needs so many milliseconds, 0 to 1000 (2 if not given)",
              [](Board& board, const std::string& value) {
                  board.wiring.hse_start = number(value, 0, 1000, "crystal-start") * Time{1'000'000'000};
              }},
    Variation{"dead-crystal", "", "it never starts",
              [](Board& board, const std::string&) { board.wiring.hse_start = never; }},
    Variation{"watch-crystal", "", "32,768 Hz at OSC32 for the RTC",
              [](Board& board, const std::string&) { board.wiring.lse_hz = 32'768; }},
    Variation{"battery", "", "at VBAT: backup registers and RTC outlive the supply",
              [](Board& board, const std::string&) { board.wiring.vbat = true; }},
    Variation{"swo", "", "a probe reads SWO, and has switched ITM on: run prints what port 0 says",
              [](Board& board, const std::string&) { board.wiring.swo_probe = true; }},
    Variation{"read-protection", "", "a chip with RDP set: pages 0 to 3 cannot be written, nor flash read by a probe",
              [](Board& board, const std::string&) { board.chip.read_protected = true; }},
    Variation{"lsi", "HZ", "30000 to 60000 (40000 if not given)",
              [](Board& board, const std::string& value) { board.chip.lsi_hz = number(value, 30'000, 60'000, "lsi"); }},
    Variation{"no-stall", "", "a clone whose core does not wait while flash is busy",
              [](Board& board, const std::string&) { board.chip.stalls_while_busy = false; }},
    Variation{"hidden-lock", "", "a clone whose FLASH_CR.LOCK always reads 0",
              [](Board& board, const std::string&) { board.chip.shows_lock = false; }},
    Variation{"no-zeroes", "", "a clone that refuses 0x0000 over programmed data",
              [](Board& board, const std::string&) { board.chip.clone_ignores_zero = true; }},
};

std::string written(const Variation& one) {
    return *one.value == '\0' ? one.name : fmt::format("{}={}", one.name, one.value);
}

}  // namespace

void apply_variation(Board& board, const std::string& variation) {
    const auto equals = variation.find('=');
    const std::string name = variation.substr(0, equals);
    std::vector<std::string> known;
    for (const Variation& one : variations) {
        known.emplace_back(one.name);
        if (name != one.name) continue;
        if ((equals == std::string::npos) != (*one.value == '\0'))
            throw UsageError(fmt::format("write --with {}", written(one)));
        return one.apply(board, equals == std::string::npos ? "" : variation.substr(equals + 1));
    }
    throw UsageError(fmt::format("there is no board --with '{}'{}; choose of: {}", name,
                                 flasher::terminal::suggestion(name, known), fmt::join(known, " ")));
}

std::string variation_help() {
    std::string help = "What this board has and others have not, by name, and again for more:";
    for (const Variation& one : variations)
        help += fmt::format("\n{}: {}", written(one), one.what);
    return help;
}

}  // namespace sim::commands
