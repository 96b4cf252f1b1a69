// SPDX-License-Identifier: ISC
// Sizes and places: what DEFS says of flash, and where the application lies.
#include "tests/sim/options/option_build.hpp"

namespace sim::test {
namespace {

class MemoryOptions : public OptionsTest {
  protected:
    /// The image is refused before anything beyond its region is touched.
    void expect_too_long(std::size_t size) {
        SCOPED_TRACE(size);
        try {
            bench->client().download(make_application(bench->target, size, 3).bytes);
            ADD_FAILURE() << "an image that does not fit was taken";
        } catch (const flasher::DfuError& error) {
            ASSERT_TRUE(error.point().report) << error.what();
            EXPECT_EQ(error.point().report->status, flasher::DfuStatus::err_address) << error.what();
        }
        EXPECT_TRUE(bench->watch.trespasses().empty());
        EXPECT_TRUE(bench->bootloader_is_whole());
    }
    /// Up to the last byte, and not one more.
    void expect_exactly(const Target& target) {
        expect_too_long(target.capacity() + 1);
        expect_update_works(target.capacity());
    }

    /// Only the pages that change are erased, and with them nothing that must stay.
    void expect_pages_of(std::uint32_t page) {
        const auto first = make_application(bench->target, 5 * page, 1);
        auto second = first;
        second.bytes[page - 1] ^= 0x5A;
        second.bytes[2 * page] ^= 0x5A;
        for (const auto& update : {first, second}) {
            bench->watch.clear();
            bench->client().download(update.bytes);
            bench->host.advance(100 * millisecond);
            EXPECT_TRUE(bench->running(update));
            EXPECT_TRUE(bench->holds(update));
            EXPECT_TRUE(bench->watch.trespasses().empty());
            EXPECT_TRUE(bench->bootloader_is_whole());
            bench->enter_dfu_again();
        }
        EXPECT_EQ(bench->watch.erases(), bench->target.high_memory ? 3U : 2U);  // and the record
    }

    static Target high_target(unsigned kib) {
        Target target = standard_target();
        target.application = 0x0800'0000;
        target.application_end = 0x0800'0000 + (kib - 4) * 1024;
        target.high_memory = true;
        return target;
    }
};

TEST_F(MemoryOptions, FlashCanBeSmallerThanTheChip) {
    Target target = standard_target();
    target.application_end = 0x0801'0000;
    use("size-64", board_named("bluepill"), target).enter_dfu();
    expect_exactly(target);
}

/// Whatever FLASH_SIZE_OVERRIDE says, the bootloader is where it is.
TEST_F(MemoryOptions, AHighMemoryBootloaderIsNeverInReach) {
    const Target small = high_target(64);
    use("size-high", board_named("bluepill"), small).enter_dfu();
    expect_too_long(64 * 1024);
    expect_too_long(128 * 1024);
    expect_exactly(small);

    const Target large = high_target(128);
    Board board = board_named("bluepill");
    board.chip = with_flash_size(board.chip, 256);
    board.chip.page_bytes = 1024;
    use("size-high-128", board, large).enter_dfu();
    expect_too_long(128 * 1024);
    expect_too_long(256 * 1024);
    expect_exactly(large);
}

TEST_F(MemoryOptions, PagesCanBeTwoKibibytes) {
    Board board = board_named("bluepill");
    board.chip = with_flash_size(board.chip, 256);
    Target target = standard_target();
    target.flash_kib = 256;
    target.page = 2048;
    target.application_end = 0x0804'0000;
    use("page-2048", board, target).enter_dfu();
    expect_pages_of(2048);
    expect_exactly(target);

    board = board_named("bluepill");
    board.chip.page_bytes = 2048;
    target = high_target(128);
    target.page = 2048;
    target.application_end = 0x0802'0000 - 4096 - 2048;
    use("page-2048-high", board, target).enter_dfu();
    expect_pages_of(2048);
    expect_exactly(target);
}

TEST_F(MemoryOptions, TheApplicationCanBeginRightBehindTheBootloader) {
    Target target = standard_target();
    target.application = 0x0800'0C00;
    use("base-low", board_named("bluepill"), target).enter_dfu();
    expect_exactly(target);
}

TEST_F(MemoryOptions, TheApplicationCanBeginLater) {
    Target target = standard_target();
    target.application = 0x0800'4000;
    use("base-high", board_named("bluepill"), target).enter_dfu();
    // One for the usual place cannot run here.
    EXPECT_THROW(bench->client().download(make_application(standard_target(), 2'000, 1).bytes), flasher::DfuError);
    expect_exactly(target);
}

}  // namespace
}  // namespace sim::test
