// SPDX-License-Identifier: ISC
// How an image is cut into blocks must not matter, and what is not a proper sequence of blocks must not do harm.
#include <gtest/gtest.h>

#include "tests/sim/support/bench.hpp"

namespace sim::test {
namespace {

using flasher::DfuState;
using flasher::DfuStatus;

class BlocksTest : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        bench.enter_dfu();
        machine_start = bench.machine.snapshot();
        host_start = bench.host.state();
    }
    void begin_again() {
        bench.machine.restore(*machine_start);
        bench.host.set_state(host_start);
        bench.watch.clear();
    }
    /// Manifestation of what has been sent, and the application runs.
    bool finishes(const Application& application) {
        bench.dfu.settle();
        return bench.boots(application) && bench.watch.trespasses().empty();
    }
    void expect_refused(DfuStatus status) {
        const auto report = bench.dfu.get_status();
        ASSERT_TRUE(report);
        EXPECT_EQ(report->state, DfuState::dfu_error);
        EXPECT_EQ(report->status, status) << flasher::name_of(report->status);
    }
    void expect_still_flashable() {
        EXPECT_EQ(bench.client().download(image.bytes),
                  bench.target.name.starts_with("btt") ? flasher::Ending::idle : flasher::Ending::left);
        EXPECT_TRUE(bench.boots(image));
        EXPECT_TRUE(bench.bootloader_is_whole());
    }

    Bench bench{target(GetParam())};
    const Application image = make_application(bench.target, 5003, 2);
    std::shared_ptr<const Machine::Snapshot> machine_start;
    UsbHost::State host_start;
};

TEST_P(BlocksTest, AnyBlockSizeUpToWTransferSizeGivesTheSameFlash) {
    for (const std::size_t size :
         {36U, 63U, 64U, 65U, 127U, 500U, 512U, 1000U, 1023U, 1024U, 1025U, 1500U, 1999U, 2047U, 2048U}) {
        SCOPED_TRACE(size);
        begin_again();
        const auto report = bench.dfu.send_image(image.bytes, size);
        ASSERT_TRUE(report);
        EXPECT_EQ(report->status, DfuStatus::ok);
        EXPECT_TRUE(finishes(image));
    }
}

TEST_P(BlocksTest, AnOddLengthInAnyPositionIsHarmless) {
    const std::vector<std::vector<std::size_t>> partitions{
        {1023, 1024, 1024, 1024, 908},
        {1024, 1, 1024, 1024, 1024, 906},
        {1024, 1024, 1023, 1024, 908},
        {37, 1001, 3, 1, 1, 63, 65, 1024, 1024, 1024, 760},
        {1024, 1024, 1024, 1024, 907},
        {999, 999, 999, 999, 999, 8},
        {1023, 2048, 1932},
        {2047, 2047, 909},
        {37, 2048, 2047, 871},
    };
    for (const auto& sizes : partitions) {
        SCOPED_TRACE(testing::PrintToString(sizes));
        begin_again();
        std::span<const std::uint8_t> rest = image.bytes;
        std::uint16_t block = 0;
        for (const std::size_t size : sizes) {
            const auto report = bench.dfu.send_block(block++, rest.first(std::min(size, rest.size())));
            ASSERT_TRUE(report);
            ASSERT_EQ(report->status, DfuStatus::ok) << "block " << block - 1;
            rest = rest.subspan(std::min(size, rest.size()));
        }
        ASSERT_TRUE(rest.empty());
        ASSERT_EQ(bench.dfu.dnload_end(block), TransferEnd::ok);
        EXPECT_TRUE(finishes(image));
    }
}

TEST_P(BlocksTest, EveryLengthOfAnImageIsKeptToItsLastByte) {
    for (std::size_t size = 1019; size < 1030; ++size) {
        SCOPED_TRACE(size);
        begin_again();
        const auto odd = make_application(bench.target, size, 7);
        bench.client().download(odd.bytes);
        EXPECT_TRUE(bench.boots(odd));
        // Behind the image its last page is blank.
        const std::size_t end = bench.target.application - 0x0800'0000 + size;
        const std::size_t page_end = (end + bench.target.page - 1) / bench.target.page * bench.target.page;
        for (std::size_t at = end; at < page_end; ++at)
            ASSERT_EQ(bench.machine.flash()[at], 0xFF) << at;
    }
}

TEST_P(BlocksTest, BlockNumbersGoBeyondAByte) {
    const auto large = make_application(bench.target, 20'000, 8);
    ASSERT_TRUE(bench.dfu.send_image(large.bytes, 64));
    EXPECT_TRUE(finishes(large));
}

TEST_P(BlocksTest, AWrongBlockNumberIsRefused) {
    const std::span<const std::uint8_t> bytes = image.bytes;
    for (const int wrong : {0, 2, 3, 0xFFFF, 0x0101}) {
        SCOPED_TRACE(wrong);
        begin_again();
        ASSERT_TRUE(bench.dfu.send_block(0, bytes.first(1024)));
        EXPECT_EQ(bench.dfu.dnload(static_cast<std::uint16_t>(wrong), bytes.subspan(1024, 1024)), TransferEnd::stall);
        expect_refused(DfuStatus::err_address);
        EXPECT_TRUE(bench.watch.operations().empty());
    }
    begin_again();
    EXPECT_EQ(bench.dfu.dnload(1, bytes.first(1024)), TransferEnd::stall);
    expect_refused(DfuStatus::err_address);
    expect_still_flashable();
}

TEST_P(BlocksTest, ABlockLongerThanWTransferSizeIsRefused) {
    const auto large = make_application(bench.target, 9000, 3);
    const std::span<const std::uint8_t> bytes = large.bytes;
    const std::size_t most = bench.target.transfer_size;
    for (const std::size_t size : {most + 1, most + 64, std::size_t{8192}}) {
        SCOPED_TRACE(size);
        begin_again();
        EXPECT_EQ(bench.dfu.dnload(0, bytes.first(size)), TransferEnd::stall);
        expect_refused(DfuStatus::err_address);
        EXPECT_TRUE(bench.watch.operations().empty());
    }
    expect_still_flashable();
}

TEST_P(BlocksTest, AnUploadInTheMiddleOfADownloadIsRefused) {
    ASSERT_TRUE(bench.dfu.send_block(0, std::span(image.bytes).first(1024)));
    EXPECT_EQ(bench.dfu.upload(0, 64).end, TransferEnd::stall);
    expect_refused(DfuStatus::err_stalledpkt);
    expect_still_flashable();
}

TEST_P(BlocksTest, ADownloadRestartedHalfwayEndsWhole) {
    const auto other = make_application(bench.target, 6100, 3);
    for (std::uint16_t blocks = 1; blocks <= 5; ++blocks) {
        SCOPED_TRACE(blocks);
        begin_again();
        for (std::uint16_t block = 0; block < blocks; ++block)
            ASSERT_TRUE(bench.dfu.send_block(block, std::span(other.bytes).subspan(block * 1024U, 1024)));
        ASSERT_EQ(bench.dfu.abort(), TransferEnd::ok);
        EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_idle);
        bench.client().download(image.bytes);
        EXPECT_TRUE(bench.boots(image));
    }
}

TEST_P(BlocksTest, ABlockWhoseDataNeverCameIsNotCounted) {
    // A SETUP in the middle of the data stage gives the block up (USB 2.0 section 5.5.5).
    const std::span<const std::uint8_t> bytes = image.bytes;
    ASSERT_TRUE(bench.dfu.send_block(0, bytes.first(1024)));
    const std::uint8_t address = bench.host.address();
    const std::uint8_t setup[] = {0x21, 1, 1, 0, 0, 0, 0x00, 0x04};  // DNLOAD block 1, 1024 bytes
    ASSERT_EQ(bench.host.raw_setup(address, 0, setup), Handshake::ack);
    bench.host.advance(millisecond);
    ASSERT_EQ(bench.host.raw_out(address, 0, true, bytes.subspan(1024, 64)), Handshake::ack);
    bench.host.advance(millisecond);
    EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_dnload_idle);
    EXPECT_EQ(bench.dfu.dnload(2, bytes.subspan(2048, 1024)), TransferEnd::stall);
    expect_refused(DfuStatus::err_address);
    ASSERT_EQ(bench.dfu.clear_status(), TransferEnd::ok);
    expect_still_flashable();
}

TEST_P(BlocksTest, UploadGivesBackWhatWasSentInBlocksOfAnySize) {
    bench.install(image);
    for (const int length : {1, 7, 64, 100, 1000, 1024, 2048}) {
        const auto size = static_cast<std::uint16_t>(length);
        SCOPED_TRACE(size);
        ASSERT_EQ(bench.dfu.abort(), TransferEnd::ok);
        std::vector<std::uint8_t> back;
        for (std::uint16_t block = 0; back.size() < std::min<std::size_t>(300U * size, 5003); ++block) {
            const auto got = bench.dfu.upload(block, size);
            ASSERT_EQ(got.end, TransferEnd::ok);
            ASSERT_EQ(got.bytes.size(), size);
            back.insert(back.end(), got.bytes.begin(), got.bytes.end());
        }
        back.resize(std::min<std::size_t>(back.size(), 5003));
        EXPECT_TRUE(std::equal(back.begin(), back.end(), image.bytes.begin()));
    }
}

INSTANTIATE_TEST_SUITE_P(Layouts, BlocksTest, testing::Values("bluepill", "bluepill-high", "bttskrminie3v2-high-256"),
                         [](const auto& named) { return identifier(named.param); });

}  // namespace
}  // namespace sim::test
