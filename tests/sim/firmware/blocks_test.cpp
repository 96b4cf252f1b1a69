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

TEST_P(BlocksTest, APacketOfMoreThanBMaxPacketSizeIsNotTaken) {
    // The peripheral refuses what does not fit the buffer that it was told of (RM0008 section 23.4.2).
    const std::uint8_t address = bench.host.address();
    const std::uint8_t setup[] = {0x21, 1, 0, 0, 0, 0, 0x00, 0x04};  // DNLOAD block 0, 1024 bytes
    ASSERT_EQ(bench.host.raw_setup(address, 0, setup), Handshake::ack);
    bench.host.advance(millisecond);
    EXPECT_EQ(bench.host.raw_out(address, 0, true, std::span(image.bytes).first(65)), Handshake::stall);
    bench.host.advance(millisecond);
    EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_idle);
    expect_still_flashable();
}

INSTANTIATE_TEST_SUITE_P(Layouts, BlocksTest, testing::Values("bluepill", "bluepill-high", "bttskrminie3v2-high-256"),
                         [](const auto& named) { return identifier(named.param); });

}  // namespace
}  // namespace sim::test
