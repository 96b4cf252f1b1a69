// SPDX-License-Identifier: ISC
// Images: a vector table, five instructions, noise.
#include "tests/sim/support/application.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>

namespace sim::test {
namespace {

constexpr std::uint32_t flash_base = 0x0800'0000;
constexpr std::uint32_t hidden_reset = 7 * 4;  // PM0056 table 16: 7 to 10 are reserved

void put_word(std::vector<std::uint8_t>& bytes, std::size_t at, std::uint32_t word) {
    for (std::size_t i = 0; i < 4; ++i)
        bytes[at + i] = static_cast<std::uint8_t>(word >> (8 * i));
}

}  // namespace

Application make_application(const Target& target, std::size_t size, std::uint32_t seed) {
    if (size < Application::least) throw std::invalid_argument("application too small");
    constexpr std::uint32_t code = 0x40;
    Application made{
        .bytes = std::vector<std::uint8_t>(size), .mark = 0xA990'0000u | seed, .reset = target.application + code};
    std::mt19937 random(seed);
    for (std::size_t at = code; at < size; at += 2) {
        const auto drawn = static_cast<std::uint32_t>(random());
        const std::uint32_t half_word = drawn % 16 == 0 ? 0 : drawn % 16 == 1 ? 0xFFFF : drawn >> 16;
        made.bytes[at] = static_cast<std::uint8_t>(half_word);
        if (at + 1 < size) made.bytes[at + 1] = static_cast<std::uint8_t>(half_word >> 8);
    }
    put_word(made.bytes, 0, 0x2000'1000 + (seed % 16) * 0x100);
    put_word(made.bytes, 4, made.reset | 1);
    // ldr r0, [pc, #8]; ldr r1, [pc, #12]; str r0, [r1]; b .; nop; nop; .word mark, mark_address
    const std::uint16_t instructions[] = {0x4802, 0x4903, 0x6008, 0xE7FE, 0xBF00, 0xBF00};
    for (std::size_t i = 0; i < std::size(instructions); ++i) {
        made.bytes[code + 2 * i] = static_cast<std::uint8_t>(instructions[i]);
        made.bytes[code + 2 * i + 1] = static_cast<std::uint8_t>(instructions[i] >> 8);
    }
    put_word(made.bytes, code + 12, made.mark);
    put_word(made.bytes, code + 16, Application::mark_address);
    return made;
}

std::vector<std::uint8_t> as_installed(const Target& target, std::span<const std::uint8_t> bytes,
                                       std::span<const std::uint8_t> flash) {
    std::vector<std::uint8_t> lying(bytes.begin(), bytes.end());
    if (!target.high_memory) return lying;
    std::copy_n(bytes.begin() + 4, 4, lying.begin() + hidden_reset);
    std::copy_n(flash.begin() + (target.bootloader() - flash_base) + 4, 4, lying.begin() + 4);
    return lying;
}

bool holds(const Target& target, std::span<const std::uint8_t> flash, const Application& application) {
    const auto wanted = as_installed(target, application.bytes, flash);
    return std::ranges::equal(flash.subspan(target.application - flash_base, wanted.size()), wanted);
}

}  // namespace sim::test
