// SPDX-License-Identifier: ISC
// Each board takes applications of every size that fits, and no other.
#include <gtest/gtest.h>

#include "sim/usb/bus_timing.hpp"
#include "tests/sim/boards/built_target.hpp"

namespace sim::test {
namespace {

class BoardUpdate : public testing::TestWithParam<BuiltTarget> {
  protected:
    const BuiltTarget& built = GetParam();
    Bench bench{built.target, built.board()};

    /// As dfu-util does, and off to the application.
    void download(const Application& application) {
        auto client = bench.client();
        const auto ending = client.download(application.bytes);
        EXPECT_EQ(ending, built.will_detach ? flasher::Ending::left : flasher::Ending::idle);
        if (!built.will_detach) client.leave();
        bench.host.advance(400 * millisecond);
    }

    /// The device refuses the image, and has touched nothing that it must not.
    void expect_too_long(std::size_t size) {
        SCOPED_TRACE(size);
        const auto image = make_application(built.target, size, 3);
        try {
            bench.client().download(image.bytes);
            ADD_FAILURE() << "an image that does not fit was taken";
        } catch (const flasher::DfuError& error) {
            ASSERT_TRUE(error.point().report) << error.what();
            EXPECT_EQ(error.point().report->status, flasher::DfuStatus::err_address) << error.what();
        }
        EXPECT_TRUE(bench.watch.trespasses().empty());
        EXPECT_TRUE(bench.bootloader_is_whole());
    }
};
class BoardThatAsks : public BoardUpdate {};

TEST_P(BoardUpdate, FirstInstallThenUpdate) {
    const auto first = make_application(built.target, 5'000, 1);
    const auto second = make_application(built.target, 9'999, 2);
    bench.machine.power_on();
    bench.enumerate();
    download(first);
    EXPECT_TRUE(bench.running(first));
    EXPECT_TRUE(bench.holds(first));

    bench.enter_dfu_again();
    EXPECT_EQ(bench.client().upload(first.bytes.size()), first.bytes);
    bench.enter_dfu_again();
    download(second);
    EXPECT_TRUE(bench.running(second));
    EXPECT_TRUE(bench.boots(second));
    EXPECT_TRUE(bench.watch.trespasses().empty());
    EXPECT_TRUE(bench.bootloader_is_whole());
    EXPECT_EQ(bench.machine.counters().complaints, 0U);
}

/// An erase takes a whole page of this chip with it, and no more may get lost than is written anew.
/// RAM of the largest chip that goes onto the board, by its documentation.
std::uint32_t ram_of(const Target& target) {
    if (target.board == "stm32f103") return 96 * 1024;  // any STM32F103
    if (target.board == "bluepillplusgd32" || target.board == "bttskrminie3v2") return 48 * 1024;
    return 20 * 1024;
}

TEST_P(BoardUpdate, AStackAtTheVeryEndOfItsRamIsTakenAndNotAWordAbove) {
    Board large = built.board();
    large.chip.ram_bytes = ram_of(built.target);
    Bench roomy(built.target, large);
    roomy.enter_dfu();
    const auto with_stack = [&](std::uint32_t stack) {
        auto made = make_application(built.target, 2'500, 1);
        for (unsigned i = 0; i < 4; ++i)
            made.bytes[i] = static_cast<std::uint8_t>(stack >> 8 * i);
        return made;
    };
    const std::uint32_t end = 0x2000'0000 + large.chip.ram_bytes;
    const auto refused = roomy.dfu.send_image(with_stack(end + 4).bytes, built.target.transfer_size);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, flasher::DfuStatus::err_target);
    ASSERT_EQ(roomy.dfu.clear_status(), TransferEnd::ok);
    const auto at_the_end = with_stack(end);
    const auto taken = roomy.dfu.send_image(at_the_end.bytes, built.target.transfer_size);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->status, flasher::DfuStatus::ok);
    ASSERT_TRUE(roomy.dfu.settle());
    EXPECT_TRUE(roomy.boots(at_the_end));
}

TEST_P(BoardUpdate, AChangeInTheFirstPageLeavesTheOthersWhole) {
    auto application = make_application(built.target, 10'000, 1);
    bench.enter_dfu();
    download(application);
    application.bytes[0x200] ^= 0x5A;
    application.bytes[6'000] ^= 0x5A;
    bench.enter_dfu_again();
    bench.watch.clear();
    download(application);
    EXPECT_TRUE(bench.holds(application));
    EXPECT_TRUE(bench.running(application));
    EXPECT_EQ(bench.watch.erases(), built.target.high_memory ? 3U : 2U);  // and the record page
}

TEST_P(BoardUpdate, TheLargestApplicationFitsAndOneByteMoreDoesNot) {
    bench.enter_dfu();
    expect_too_long(built.target.capacity() + 1);
    const auto largest = make_application(built.target, built.target.capacity(), 4);
    download(largest);
    EXPECT_TRUE(bench.running(largest));
    EXPECT_TRUE(bench.holds(largest));
    EXPECT_TRUE(bench.watch.trespasses().empty());
    EXPECT_TRUE(bench.bootloader_is_whole());
}

/// The high-memory bootloader is behind the application: an image that reaches it must never pass,
/// on a chip with more flash than the variant is made for as well.
TEST_P(BoardUpdate, NoImageReachesTheBootloader) {
    bench.enter_dfu();
    const std::size_t flash = bench.machine.flash().size();
    const std::size_t end = built.target.high_memory ? flash : flash - (built.target.application - 0x0800'0000);
    expect_too_long(end + 1);
    expect_too_long(end + 300'000);
    if (built.target.high_memory) {
        expect_too_long(built.target.bootloader() - 0x0800'0000 + 1);
        if (flash > built.target.bootloader() + 4'096 - 0x0800'0000) expect_too_long(flash);
    }
}

TEST_P(BoardThatAsks, TheChipSaysHowMuchThereIs) {
    for (const unsigned kib : {64U, 128U}) {
        SCOPED_TRACE(kib);
        Target smaller = built.target;
        smaller.flash_kib = kib;
        smaller.application_end = 0x0800'0000 + kib * 1024;
        Bench other(smaller);
        other.enter_dfu();
        EXPECT_THROW(other.client().download(make_application(smaller, smaller.capacity() + 1, 5).bytes),
                     flasher::DfuError);
        const auto largest = make_application(smaller, smaller.capacity(), 6);
        other.client().download(largest.bytes);
        EXPECT_TRUE(other.boots(largest));
        EXPECT_TRUE(other.watch.trespasses().empty());
    }
}

INSTANTIATE_TEST_SUITE_P(Board, BoardUpdate, testing::ValuesIn(built_targets()), name_of);
INSTANTIATE_TEST_SUITE_P(Board, BoardThatAsks, testing::ValuesIn(built_targets_where([](const BuiltTarget& built) {
                             return built.asks_chip;
                         })),
                         name_of);

}  // namespace
}  // namespace sim::test
