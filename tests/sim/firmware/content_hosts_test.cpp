// SPDX-License-Identifier: ISC
// What hosts do at the end of a download, and what each of them needs to be content: dfu-util asks once more, detaches
// and resets, fwupd reads back what it has sent, others say nothing more. The application runs a moment later.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/sim/support/bench.hpp"

namespace sim::test {
namespace {

using flasher::DfuState;
using flasher::DfuStatus;

class ContentHostsTest : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        bench.install(old);
        bench.enter_dfu();
        ASSERT_TRUE(bench.dfu.send_image(next.bytes, 1024));
        last_block = bench.host.now();
    }
    /// DFU_GETSTATUS must say that all is done, and the device still be there to be asked.
    void expect_idle() {
        const auto report = bench.dfu.get_status();
        ASSERT_TRUE(report);
        EXPECT_EQ(report->state, DfuState::dfu_idle);
        EXPECT_EQ(report->status, DfuStatus::ok);
    }
    bool runs_after(Time span) {
        bench.host.advance(span);
        return bench.running(next) && bench.holds(next);
    }

    Bench bench{target(GetParam())};
    const Application old = make_application(bench.target, 2600, 1);
    const Application next = make_application(bench.target, 7777, 2);
    Time last_block{};
};

TEST_P(ContentHostsTest, AHostThatAsksOnceIsToldThatItIsDone) {
    expect_idle();
    EXPECT_LT(bench.host.now() - last_block, 300 * millisecond);
    EXPECT_TRUE(runs_after(400 * millisecond));
}

TEST_P(ContentHostsTest, AHostThatAsksTwiceIsAnsweredTwice) {
    expect_idle();
    bench.host.advance(200 * millisecond);
    expect_idle();
    EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_idle);
    EXPECT_FALSE(bench.running(next));
    EXPECT_TRUE(runs_after(300 * millisecond));
}

TEST_P(ContentHostsTest, AHostThatDetachesAndResetsFindsTheDeviceAtItsReset) {
    // dfu-util -R: DFU_DETACH, and libusb_reset_device(), after which Linux reads the descriptors again.
    expect_idle();
    ASSERT_EQ(bench.dfu.detach(), TransferEnd::ok);
    bench.host.advance(5 * millisecond);
    ASSERT_EQ(bench.transport->bus_reset(), flasher::Outcome::ok);
    EXPECT_LT(bench.host.now() - last_block, 1200 * millisecond);
    EXPECT_TRUE(runs_after(300 * millisecond));
}

TEST_P(ContentHostsTest, AHostThatAsksOnceAndResetsFindsTheDeviceAtItsReset) {
    // The page of webdfu (dfu-util/dfu.js of devanlai/webdfu), to which a reset that fails is an error.
    expect_idle();
    bench.host.advance(30 * millisecond);
    ASSERT_EQ(bench.transport->bus_reset(), flasher::Outcome::ok);
    EXPECT_TRUE(runs_after(400 * millisecond));
}

TEST_P(ContentHostsTest, AHostThatComparesReadsWhatItHasSentAndNoMore) {
    // fwupd uploads straight after the zero-length block, and wants the image's length.
    expect_idle();
    std::vector<std::uint8_t> got;
    for (std::uint16_t block = 0;; ++block) {
        const auto part = bench.dfu.upload(block, bench.target.transfer_size);
        ASSERT_EQ(part.end, TransferEnd::ok);
        got.insert(got.end(), part.bytes.begin(), part.bytes.end());
        bench.host.advance(100 * millisecond);  // a slow host is not left behind
        if (part.bytes.size() < bench.target.transfer_size) break;
    }
    EXPECT_EQ(got, next.bytes);
    EXPECT_TRUE(runs_after(300 * millisecond));
}

TEST_P(ContentHostsTest, AHostThatSendsAnotherImageIsNotLeftInTheMiddle) {
    expect_idle();
    ASSERT_TRUE(bench.dfu.send_block(0, std::span(old.bytes).first(1024)));
    bench.host.advance(2000 * millisecond);
    EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_dnload_idle);
    ASSERT_EQ(bench.dfu.abort(), TransferEnd::ok);
    ASSERT_TRUE(bench.dfu.send_image(old.bytes, 1024));
    expect_idle();
    bench.host.advance(400 * millisecond);
    EXPECT_TRUE(bench.running(old) && bench.holds(old));
}

TEST_P(ContentHostsTest, AnUploadOfAnotherSessionHasTheWholeFlash) {
    expect_idle();
    bench.enter_dfu_again();
    EXPECT_EQ(bench.client().upload(bench.target.capacity() + 1).size(), bench.target.capacity());
}

TEST_P(ContentHostsTest, TheApplicationRunsSoonAfterTheLastBlockOnTheSlowestChip) {
    MachineOptions options;
    options.flash_timing = maximum_flash;
    Board board = bench.target.make_board();
    board.wiring.hse_start = never;  // 48 MHz
    Bench slow(bench.target, board, options);
    slow.install(old);
    slow.enter_dfu();
    std::uint16_t block = 0;
    const std::span<const std::uint8_t> bytes = next.bytes;
    for (std::size_t at = 0; at < bytes.size(); at += 1024, ++block) {
        last_block = slow.host.now();
        ASSERT_TRUE(slow.dfu.send_block(block, bytes.subspan(at, std::min<std::size_t>(1024, bytes.size() - at))));
    }
    ASSERT_EQ(slow.dfu.dnload_end(block), TransferEnd::ok);
    ASSERT_TRUE(slow.dfu.get_status());
    slow.host.advance_to(last_block + 1500 * millisecond);
    EXPECT_TRUE(slow.running(next) && slow.holds(next));
}

INSTANTIATE_TEST_SUITE_P(Layouts, ContentHostsTest, testing::Values("bluepill", "bluepill-high"),
                         [](const auto& named) { return identifier(named.param); });

TEST(StayingBoardTest, WaitsForTheHostToResetIt) {
    Bench bench(target("bttskrminie3v2"));
    const auto image = make_application(bench.target, 5000, 2);
    bench.enter_dfu();
    ASSERT_TRUE(bench.dfu.send_image(image.bytes, 1024));
    const auto report = bench.dfu.get_status();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->state, DfuState::dfu_idle);
    bench.host.advance(2000 * millisecond);
    EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_idle);
    ASSERT_EQ(bench.transport->bus_reset(), flasher::Outcome::ok);
    bench.host.advance(300 * millisecond);
    EXPECT_TRUE(bench.running(image));
}

}  // namespace
}  // namespace sim::test
