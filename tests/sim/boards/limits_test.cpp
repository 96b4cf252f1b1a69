// SPDX-License-Identifier: ISC
// Each build keeps within 3 KiB of flash, and within the RAM of the smallest part.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "flasher/device_info.hpp"
#include "sim/usb/bus_timing.hpp"
#include "tests/sim/boards/built_target.hpp"

namespace sim::test {
namespace {

constexpr std::uint32_t flash_base = 0x0800'0000, ram_base = 0x2000'0000;
constexpr std::uint32_t flash_limit = 3'072;

class BoardLimits : public testing::TestWithParam<BuiltTarget> {
  protected:
    const BuiltTarget& built = GetParam();
    Bench bench{built.target, built.board()};
};
class BoardHighMemory : public BoardLimits {};

TEST_P(BoardLimits, TheImageIsNoLargerThanThreeKibibytes) {
    auto image = built.target.elf();
    const auto size = std::filesystem::file_size(image.replace_extension(".bin"));
    const std::uint32_t start = built.target.bootloader() - flash_base;
    ASSERT_GT(size, start);
    // A high-memory bootloader fills whole pages.
    EXPECT_LE(size - start, built.target.high_memory && built.target.page == 2048 ? 4096 : flash_limit);
}

TEST_P(BoardHighMemory, BetweenItsVectorsAndItselfTheImageIsBlank) {
    std::ifstream in(built.target.elf().replace_extension(".bin"), std::ios::binary);
    const std::vector<char> image{std::istreambuf_iterator<char>(in), {}};
    const std::size_t start = built.target.bootloader() - flash_base;
    ASSERT_GT(image.size(), start);
    for (std::size_t i = 8; i < start; ++i)
        ASSERT_EQ(static_cast<unsigned char>(image[i]), 0xFF) << i;
}

/// Nothing above the limit is ever written, whatever a host asks for.
TEST_P(BoardLimits, RamSufficesOnTheSmallestPart) {
    const std::uint32_t stack_top = bench.machine.read_word(built.target.bootloader());
    EXPECT_GT(stack_top, ram_base);
    EXPECT_LE(stack_top, ram_base + built.ram_limit);

    bench.machine.power_on();
    bench.machine.paint_ram();
    const auto before = bench.machine.ram().subspan(built.ram_limit);
    const std::vector<std::uint8_t> untouched(before.begin(), before.end());
    bench.machine.reset();
    bench.enumerate();
    static_cast<void>(flasher::read_device_info(*bench.transport));
    const auto application = make_application(built.target, 12'345, 8);
    bench.client().download(application.bytes);
    bench.enter_dfu_again();
    EXPECT_EQ(bench.client().upload(application.bytes.size()), application.bytes);
    EXPECT_TRUE(std::ranges::equal(bench.machine.ram().subspan(built.ram_limit), untouched));
    EXPECT_GE(bench.machine.lowest_stack_pointer(), stack_top - 384);
}

INSTANTIATE_TEST_SUITE_P(Board, BoardLimits, testing::ValuesIn(built_targets()), name_of);
INSTANTIATE_TEST_SUITE_P(Board, BoardHighMemory, testing::ValuesIn(built_targets_where([](const BuiltTarget& built) {
                             return built.target.high_memory;
                         })),
                         name_of);

}  // namespace
}  // namespace sim::test
