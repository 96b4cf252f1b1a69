// SPDX-License-Identifier: ISC
// What the tests of this folder share, and the options that change nothing.
#include <fstream>
#include <iterator>

#include "tests/sim/options/option_build.hpp"
#include "tests/support/paths.hpp"

namespace sim::test {
namespace {

std::vector<char> content(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::filesystem::path built(const std::string& name, const std::string& extension) {
    return test_paths::built("tests/sim/options/builds/" + name + "/dapboot." + extension);
}

Board board_named(const std::string& id) {
    return *find_board(id);
}

Target standard_target(const std::string& board) {
    const auto& chip = find_board(board)->chip;
    return {.name = board,
            .board = board,
            .flash_kib = chip.flash_bytes / 1024,
            .page = chip.page_bytes,
            .application = 0x0800'2000,
            .application_end = 0x0800'0000 + chip.flash_bytes,
            .high_memory = false,
            .transfer_size = 2048,
            .command_register = board == "bttskrminie3v2" ? 10 : 1,
            .command = static_cast<std::uint16_t>(board == "bttskrminie3v2" ? 1 : 0x4F42),
            .decision = 40 * millisecond};
}

Bench& OptionsTest::use(const std::string& build, const Board& board, const Target& target) {
    application = make_application(target, 3'000, 7);
    bench = std::make_unique<Bench>(target, board, MachineOptions{}, built(build, "elf"));
    return *bench;
}

void OptionsTest::expect_update_works(std::size_t size) {
    const auto update = make_application(bench->target, size, 9);
    auto client = bench->client();
    if (client.download(update.bytes) == flasher::Ending::idle) client.leave();
    bench->host.advance(600 * millisecond);
    EXPECT_TRUE(bench->running(update));
    EXPECT_TRUE(bench->holds(update));
    EXPECT_TRUE(bench->watch.trespasses().empty());
    EXPECT_TRUE(bench->bootloader_is_whole());
    EXPECT_EQ(bench->machine.counters().complaints, 0U);
}

TEST_F(OptionsTest, PortClocksOfOldChangeNothing) {
    const auto plain = content(test_paths::firmware("dapboot-bluepill.bin"));
    ASSERT_FALSE(plain.empty());
    EXPECT_EQ(content(built("unneeded", "bin")), plain);
}

}  // namespace sim::test
