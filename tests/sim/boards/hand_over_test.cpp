// SPDX-License-Identifier: ISC
// An application finds the chip as after a reset, whichever way it was started: all that it can read is compared with
// what it reads on a chip where nothing has run before it. Only the vector table is where the application has its own.
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/sim/boards/built_target.hpp"
#include "tests/support/paths.hpp"

namespace sim::test {
namespace {

constexpr std::uint32_t found_at = 0x2000'0200, mark_at = 0x2000'01fc;  // as in witness.s
constexpr std::uint32_t code_offset = 0x40;
constexpr std::uint32_t rcc = 0x4002'1000;

struct Register {
    std::string name;
    std::uint32_t address;
};

/// Read in this order.
std::vector<Register> reset_and_clock_control() {
    const char* const names[] = {"CR",     "CFGR",    "CIR",     "APB2RSTR", "APB1RSTR",
                                 "AHBENR", "APB2ENR", "APB1ENR", "BDCR",     "CSR"};
    std::vector<Register> made;
    made.reserve(std::size(names));
    for (std::uint32_t i = 0; i < std::size(names); ++i)
        made.push_back({std::string("RCC_") + names[i], rcc + 4 * i});
    return made;
}

/// Read after that, with the clocks of the peripherals on.
std::vector<Register> others() {
    std::vector<Register> made{
        {"FLASH_ACR", 0x4002'2000},    {"FLASH_SR", 0x4002'200c},     {"FLASH_CR", 0x4002'2010},
        {"AFIO_EVCR", 0x4001'0000},    {"AFIO_EXTICR1", 0x4001'0008}, {"AFIO_EXTICR2", 0x4001'000c},
        {"AFIO_EXTICR3", 0x4001'0010}, {"AFIO_EXTICR4", 0x4001'0014}, {"PWR_CR", 0x4000'7000},
        {"PWR_CSR", 0x4000'7004},      {"USB_CNTR", 0x4000'5c40},     {"USB_ISTR", 0x4000'5c44},
        {"USB_DADDR", 0x4000'5c4c},    {"USB_BTABLE", 0x4000'5c50},   {"STK_CTRL", 0xe000'e010},
        {"STK_LOAD", 0xe000'e014},     {"STK_VAL", 0xe000'e018},      {"NVIC_ISER0", 0xe000'e100},
        {"NVIC_ISER1", 0xe000'e104},   {"NVIC_ISPR0", 0xe000'e200},   {"NVIC_ISPR1", 0xe000'e204},
        {"NVIC_IABR0", 0xe000'e300},   {"NVIC_IABR1", 0xe000'e304},   {"SCB_ICSR", 0xe000'ed04},
        {"SCB_VTOR", 0xe000'ed08},     {"SCB_AIRCR", 0xe000'ed0c},    {"SCB_SCR", 0xe000'ed10},
        {"SCB_CCR", 0xe000'ed14},      {"SCB_SHPR1", 0xe000'ed18},    {"SCB_SHPR2", 0xe000'ed1c},
        {"SCB_SHPR3", 0xe000'ed20},    {"SCB_SHCSR", 0xe000'ed24},    {"SCB_CFSR", 0xe000'ed28},
        {"SCB_HFSR", 0xe000'ed2c}};
    for (std::uint32_t endpoint = 0; endpoint < 8; ++endpoint)
        made.push_back({fmt::format("USB_EP{}R", endpoint), 0x4000'5c00 + 4 * endpoint});
    for (std::uint32_t i = 0; i < 11; ++i)
        made.push_back({fmt::format("NVIC_IPR{}", i), 0xe000'e400 + 4 * i});
    for (std::uint32_t port = 0; port < 5; ++port) {
        const auto letter = static_cast<char>('A' + port);
        const std::uint32_t base = 0x4001'0800 + 0x400 * port;
        made.push_back({fmt::format("GPIO{}_CRL", letter), base});
        made.push_back({fmt::format("GPIO{}_CRH", letter), base + 0x04});
        made.push_back({fmt::format("GPIO{}_ODR", letter), base + 0x0c});
        made.push_back({fmt::format("GPIO{}_LCKR", letter), base + 0x18});
    }
    return made;
}

class HandOver : public testing::TestWithParam<BuiltTarget> {
  protected:
    HandOver() {
        const auto word = [this](std::uint32_t value) {
            for (int shift = 0; shift < 32; shift += 8)
                witness.bytes.push_back(static_cast<std::uint8_t>(value >> shift));
        };
        word(stack);
        word(witness.reset | 1);
        witness.bytes.resize(code_offset);
        std::ifstream code(test_paths::built("tests/sim/boards/witness.bin"), std::ios::binary);
        witness.bytes.insert(witness.bytes.end(), std::istreambuf_iterator<char>(code), {});
        for (const auto& [name, address] : reset_and_clock_control())
            word(address);
        // USB's registers answer while the PLL runs: (8 / 2) x 12 MHz, undivided.
        word((rcc + 0x04) | 1);
        word(10u << 18 | 1u << 22);
        word(rcc | 1);
        word(0x0100'0083);
        word(rcc | 2);
        word(1u << 25);
        word((rcc + 0x18) | 1);  // APB2ENR: ports A to E, AFIO
        word(0x7d);
        word((rcc + 0x1c) | 1);  // APB1ENR: USB, BKP, PWR
        word(1u << 28 | 1u << 27 | 1u << 23);
        for (const auto& [name, address] : others())
            word(address);
        word(0);
    }

    /// By name, what the witness has written down; empty when it has not run to its end.
    static std::vector<std::pair<std::string, std::uint32_t>> found(const Machine& machine) {
        std::vector<std::pair<std::string, std::uint32_t>> made;
        if (machine.read_word(mark_at) != 1) return made;
        std::uint32_t at = found_at;
        const auto take = [&](const std::string& name) {
            made.emplace_back(name, machine.read_word(at));
            at += 4;
        };
        for (const char* name : {"IPSR", "PRIMASK", "BASEPRI", "FAULTMASK", "CONTROL", "MSP"})
            take(name);
        for (const auto& one : reset_and_clock_control())
            take(one.name);
        for (const auto& one : others())
            take(one.name);
        return made;
    }

    /// What it finds on a chip that holds nothing else: page 0 leads to it.
    std::vector<std::pair<std::string, std::uint32_t>> without_bootloader() {
        Machine machine(bench.board.chip, bench.board.wiring);
        machine.load_bytes(0x0800'0000, std::span(witness.bytes).first(8));
        machine.load_bytes(built.target.application + 8, std::span(witness.bytes).subspan(8));
        machine.power_on();
        machine.run_for(millisecond);
        return found(machine);
    }

    void expect_same(std::uint32_t but_for_reset_flags) {
        const auto wanted = without_bootloader(), seen = found(bench.machine);
        ASSERT_FALSE(wanted.empty());
        ASSERT_EQ(seen.size(), wanted.size());
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const auto& [name, fresh] = wanted[i];
            const std::uint32_t value = name == "SCB_VTOR" ? built.target.application : fresh;
            const std::uint32_t ignored = name == "RCC_CSR" ? but_for_reset_flags : 0;
            EXPECT_EQ(seen[i].second & ~ignored, value & ~ignored) << name;
        }
        EXPECT_EQ(bench.machine.read_word(found_at + 5 * 4), stack);
    }

    static constexpr std::uint32_t stack = 0x2000'1800;
    const BuiltTarget& built = GetParam();
    Bench bench{built.target, built.board()};
    Application witness{.bytes = {}, .mark = 0, .reset = built.target.application + code_offset};
};

TEST_P(HandOver, LeavesTheChipAsAfterReset) {
    bench.install(witness);
    ASSERT_EQ(bench.power_cycle(), Fate::application);
    bench.machine.run_for(millisecond);
    expect_same(0);
}

TEST_P(HandOver, LeavesTheChipAsAfterResetWhenUsbHasBeenUsed) {
    bench.enter_dfu();
    auto client = bench.client();
    client.download(witness.bytes);
    if (!built.will_detach) client.leave();
    bench.host.advance(400 * millisecond);
    expect_same(0xff00'0000);  // RCC_CSR says by which reset
}

INSTANTIATE_TEST_SUITE_P(Board, HandOver, testing::ValuesIn(built_targets()), name_of);

}  // namespace
}  // namespace sim::test
