// SPDX-License-Identifier: ISC
// What the states of DFU 1.1 appendix A.2 mean on the real binary beyond the list of properties (properties_test.cpp):
// which program runs, and when. States are reached through requests alone.
//
// Two departures are the product's own: DFU_DETACH starts the application from any state, and a USB reset does so only
// after a completed download (bus_events_test.cpp). dfuDNBUSY and dfuMANIFEST cannot be met by a request: the core
// is stalled while flash works, so the next request waits, and finds the state after that.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/sim/support/bench.hpp"

namespace sim::test {
namespace {

using flasher::DfuState;
using flasher::DfuStatus;

constexpr DfuState all_states[] = {DfuState::dfu_idle,          DfuState::dfu_dnload_sync, DfuState::dfu_dnload_idle,
                                   DfuState::dfu_manifest_sync, DfuState::dfu_upload_idle, DfuState::dfu_error};

class DfuStatesTest : public testing::Test {
  protected:
    void SetUp() override {
        bench.install(installed);
        bench.enter_dfu();
        start_machine = bench.machine.snapshot();
        start_host = bench.host.state();
    }

    void begin_again() {
        bench.machine.restore(*start_machine);
        bench.host.set_state(start_host);
    }

    void reach(DfuState state) {
        begin_again();
        const auto block = std::span(next.bytes).first(1024);
        switch (state) {
            case DfuState::dfu_dnload_sync:
                ASSERT_EQ(bench.dfu.dnload(0, block), TransferEnd::ok);
                break;
            case DfuState::dfu_dnload_idle:
                ASSERT_TRUE(bench.dfu.send_block(0, block));
                break;
            case DfuState::dfu_manifest_sync:
                ASSERT_TRUE(bench.dfu.send_block(0, block));
                ASSERT_EQ(bench.dfu.dnload_end(1), TransferEnd::ok);
                break;
            case DfuState::dfu_upload_idle:
                ASSERT_EQ(bench.dfu.upload(0, 64).bytes.size(), 64U);
                break;
            case DfuState::dfu_error:
                ASSERT_EQ(bench.dfu.upload(9, 64).end, TransferEnd::stall);
                break;
            default:
                break;
        }
        ASSERT_EQ(bench.dfu.get_state(), state);
    }

    Bench bench{target("bluepill")};
    const Application installed = make_application(bench.target, 3000, 1);
    const Application next = make_application(bench.target, 3000, 2);
    std::shared_ptr<const Machine::Snapshot> start_machine;
    UsbHost::State start_host;
};

TEST_F(DfuStatesTest, DetachStartsTheApplicationFromEveryState) {
    for (const DfuState state : all_states) {
        SCOPED_TRACE(flasher::name_of(state));
        reach(state);
        EXPECT_EQ(bench.dfu.detach(), TransferEnd::ok);
        // Not at once: a host resets the bus next, and wants to find somebody there.
        EXPECT_FALSE(bench.host.wait_for_detach(200 * millisecond));
        EXPECT_TRUE(bench.host.wait_for_detach(40 * millisecond));
        bench.host.advance(20 * millisecond);
        EXPECT_TRUE(bench.running(installed));
    }
}

TEST_F(DfuStatesTest, LeavesDnloadSyncThroughBusy) {
    begin_again();
    const std::span<const std::uint8_t> image = next.bytes;
    ASSERT_TRUE(bench.dfu.send_block(0, image.first(1024)));
    ASSERT_EQ(bench.dfu.dnload(1, image.subspan(1024, 1024)), TransferEnd::ok);
    auto report = bench.dfu.get_status();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->state, DfuState::dfu_dnbusy);
    EXPECT_EQ(report->status, DfuStatus::ok);
    EXPECT_GT(report->poll_timeout.count(), 20);
    bench.host.advance(report->poll_timeout);
    EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_dnload_sync);
    report = bench.dfu.get_status();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->state, DfuState::dfu_dnload_idle);
    EXPECT_EQ(report->poll_timeout.count(), 0);
}

TEST_F(DfuStatesTest, AnImpatientHostWaitsInTheTransferAndNothingBreaks) {
    begin_again();
    const std::span<const std::uint8_t> image = next.bytes;
    ASSERT_TRUE(bench.dfu.send_block(0, image.first(1024)));
    ASSERT_EQ(bench.dfu.dnload(1, image.subspan(1024, 1024)), TransferEnd::ok);
    auto report = bench.dfu.get_status();
    ASSERT_TRUE(report);
    ASSERT_EQ(report->state, DfuState::dfu_dnbusy);
    const Time announced = bench.host.now() + Time(report->poll_timeout);
    report = bench.dfu.get_status();  // at once
    ASSERT_TRUE(report);
    EXPECT_EQ(report->state, DfuState::dfu_dnload_idle);
    EXPECT_GT(bench.host.now() + 5 * millisecond, announced);
    EXPECT_EQ(bench.client().download(next.bytes), flasher::Ending::left);
    EXPECT_TRUE(bench.boots(next));
}

TEST_F(DfuStatesTest, LeavesManifestSyncForIdleAndThenForTheApplication) {
    reach(DfuState::dfu_manifest_sync);
    const Time asked = bench.host.now();
    const auto report = bench.dfu.get_status();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->state, DfuState::dfu_idle);
    EXPECT_EQ(report->status, DfuStatus::ok);
    EXPECT_EQ(report->poll_timeout.count(), 0);
    EXPECT_LT(bench.host.now() - asked, 300 * millisecond);
    EXPECT_FALSE(bench.host.wait_for_detach(200 * millisecond));
    EXPECT_TRUE(bench.host.wait_for_detach(40 * millisecond));
    bench.host.advance(20 * millisecond);
    EXPECT_EQ(bench.machine.read_word(Application::mark_address), next.mark);
}

/// The same board family with DFU_WILL_DETACH=0: manifestation tolerant (DFU 1.1 table 4.2).
class TolerantTest : public testing::Test {
  protected:
    void SetUp() override { bench.enter_dfu(); }
    Bench bench{target("bttskrminie3v2")};
    const Application next = make_application(bench.target, 5000, 3);
};

TEST_F(TolerantTest, ManifestationEndsInIdleAndTheDeviceStays) {
    ASSERT_TRUE(bench.dfu.send_image(next.bytes, 2048));
    EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_manifest_sync);
    const auto report = bench.dfu.get_status();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->state, DfuState::dfu_idle);
    EXPECT_EQ(report->status, DfuStatus::ok);
    bench.host.advance(1'000 * millisecond);
    EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_idle);
    EXPECT_EQ(bench.client().upload(next.bytes.size()), next.bytes);
}

TEST_F(TolerantTest, AUsbResetAfterTheDownloadStartsTheApplication) {
    EXPECT_EQ(bench.client().download(next.bytes), flasher::Ending::idle);
    EXPECT_EQ(bench.transport->bus_reset(), flasher::Outcome::ok);
    bench.host.advance(300 * millisecond);
    EXPECT_TRUE(bench.running(next));
}

TEST_F(TolerantTest, AnUploadBetweenDownloadAndResetChangesNothing) {
    EXPECT_EQ(bench.client().download(next.bytes), flasher::Ending::idle);
    EXPECT_EQ(bench.client().upload(next.bytes.size()), next.bytes);
    EXPECT_EQ(bench.transport->bus_reset(), flasher::Outcome::ok);
    bench.host.advance(300 * millisecond);
    EXPECT_TRUE(bench.running(next));
}

TEST_F(TolerantTest, ASecondDownloadFollowsTheFirst) {
    EXPECT_EQ(bench.client().download(next.bytes), flasher::Ending::idle);
    const Application other = make_application(bench.target, 7001, 4);
    EXPECT_EQ(bench.client().download(other.bytes), flasher::Ending::idle);
    bench.client().leave();
    bench.host.advance(300 * millisecond);  // this board's key takes 20 ms to settle
    EXPECT_TRUE(bench.running(other));
    EXPECT_TRUE(bench.boots(other));
}

}  // namespace
}  // namespace sim::test
