// SPDX-License-Identifier: ISC
// Every request in every state of DFU 1.1 appendix A.2, on the real binary. States are reached through requests alone.
//
// Two departures are the product's own: DFU_DETACH starts the application from any state, and a USB reset does so only
// after a completed download (bus_events_test.cpp). dfuDNBUSY and dfuMANIFEST cannot be met by a request: the core
// stands still while flash works, so the next request waits, and finds the state behind.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/sim/support/bench.hpp"

namespace sim::test {
namespace {

using flasher::DfuState;
using flasher::DfuStatus;

enum class Ask : std::uint8_t {
    detach,
    dnload,
    dnload_end,
    upload,
    upload_short,
    getstatus,
    clrstatus,
    getstate,
    abort,
    unknown,
    dnload_backwards,  // to the host
    upload_backwards,  // from the host
    getstatus_backwards,
    getstate_backwards,
};
constexpr Ask all_asks[] = {Ask::detach,
                            Ask::dnload,
                            Ask::dnload_end,
                            Ask::upload,
                            Ask::upload_short,
                            Ask::getstatus,
                            Ask::clrstatus,
                            Ask::getstate,
                            Ask::abort,
                            Ask::unknown,
                            Ask::dnload_backwards,
                            Ask::upload_backwards,
                            Ask::getstatus_backwards,
                            Ask::getstate_backwards};
constexpr const char* ask_names[] = {"DETACH",
                                     "DNLOAD",
                                     "DNLOAD of 0",
                                     "UPLOAD",
                                     "UPLOAD at the end",
                                     "GETSTATUS",
                                     "CLRSTATUS",
                                     "GETSTATE",
                                     "ABORT",
                                     "request 7",
                                     "DNLOAD to host",
                                     "UPLOAD from host",
                                     "GETSTATUS from host",
                                     "GETSTATE from host"};

constexpr DfuState all_states[] = {DfuState::dfu_idle,          DfuState::dfu_dnload_sync, DfuState::dfu_dnload_idle,
                                   DfuState::dfu_manifest_sync, DfuState::dfu_upload_idle, DfuState::dfu_error};

/// The cell of the table: what GETSTATE tells afterwards, or nothing when the request is stalled
/// (which leads to dfuERROR).
std::optional<DfuState> legal(DfuState state, Ask ask) {
    using enum DfuState;
    switch (ask) {
        case Ask::dnload:
            if (state == dfu_idle || state == dfu_dnload_idle) return dfu_dnload_sync;
            return std::nullopt;
        case Ask::dnload_end:
            if (state == dfu_dnload_idle) return dfu_manifest_sync;
            return std::nullopt;
        case Ask::upload:
            if (state == dfu_idle || state == dfu_upload_idle) return dfu_upload_idle;
            return std::nullopt;
        case Ask::getstatus:
            // Out of a -SYNC state by way of busy; see LeavesSyncThroughBusy.
            if (state == dfu_dnload_sync) return dfu_dnload_idle;
            if (state == dfu_manifest_sync) return dfu_idle;
            return state;
        case Ask::getstate:
            return state;
        case Ask::clrstatus:
            if (state == dfu_error) return dfu_idle;
            return std::nullopt;
        case Ask::abort:
            if (state != dfu_manifest_sync && state != dfu_error) return dfu_idle;  // dfuDNLOAD-SYNC: not in A.2.4
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

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

    /// Sends the request in a form that only its state can make wrong.
    TransferEnd send(DfuState state, Ask ask) {
        const auto block = std::span(next.bytes).first(1024);
        const std::uint16_t number = state == DfuState::dfu_dnload_idle || state == DfuState::dfu_upload_idle ? 1 : 0;
        switch (ask) {
            case Ask::detach:
                return bench.dfu.detach();
            case Ask::dnload:
                return bench.dfu.dnload(number, block);
            case Ask::dnload_end:
                return bench.dfu.dnload_end(number);
            case Ask::upload:
            case Ask::upload_short:
                return bench.dfu.upload(number, 64).end;
            case Ask::getstatus:
                return bench.dfu.get_status() ? TransferEnd::ok : TransferEnd::stall;
            case Ask::clrstatus:
                return bench.dfu.clear_status();
            case Ask::getstate:
                return bench.dfu.get_state() ? TransferEnd::ok : TransferEnd::stall;
            case Ask::abort:
                return bench.dfu.abort();
            case Ask::unknown:
                return bench.dfu.raw_out(7);
            case Ask::dnload_backwards:
                return bench.dfu.raw_in(1, number, 64).end;
            case Ask::upload_backwards:
                return bench.dfu.raw_out(2, number, block);
            case Ask::getstatus_backwards:
                return bench.dfu.raw_out(3);
            case Ask::getstate_backwards:
                return bench.dfu.raw_out(5);
        }
        return TransferEnd::violation;
    }

    Bench bench{target("bluepill")};
    const Application installed = make_application(bench.target, 3000, 1);
    const Application next = make_application(bench.target, 3000, 2);
    std::shared_ptr<const Machine::Snapshot> start_machine;
    UsbHost::State start_host;
};

TEST_F(DfuStatesTest, EveryRequestInEveryState) {
    for (const DfuState state : all_states) {
        for (const Ask ask : all_asks) {
            if (ask == Ask::detach || ask == Ask::upload_short) continue;  // below
            SCOPED_TRACE(fmt::format("{} in {}", ask_names[static_cast<int>(ask)], flasher::name_of(state)));
            reach(state);
            const auto before = bench.machine.counters().flash_operations;
            const auto expected = legal(state, ask);
            EXPECT_EQ(send(state, ask), expected ? TransferEnd::ok : TransferEnd::stall);
            if (ask == Ask::getstatus) bench.host.advance(100 * millisecond);
            EXPECT_EQ(bench.dfu.get_state(), expected.value_or(DfuState::dfu_error));
            const auto report = bench.dfu.get_status();
            ASSERT_TRUE(report);
            if (expected) {
                const auto status =
                    state == DfuState::dfu_error && ask != Ask::clrstatus ? DfuStatus::err_address : DfuStatus::ok;
                EXPECT_EQ(report->status, status);
            } else {
                // The first cause stands until the host clears it.
                EXPECT_EQ(report->status,
                          state == DfuState::dfu_error ? DfuStatus::err_address : DfuStatus::err_stalledpkt);
                EXPECT_EQ(report->state, DfuState::dfu_error);
                EXPECT_EQ(report->poll_timeout.count(), 0);
            }
            if (ask != Ask::getstatus && expected != DfuState::dfu_dnload_sync &&
                expected != DfuState::dfu_manifest_sync) {
                EXPECT_EQ(bench.machine.counters().flash_operations, before);
            }
        }
    }
    EXPECT_EQ(bench.machine.counters().complaints, 0U);
}

TEST_F(DfuStatesTest, AfterAStallEveryStateRecovers) {
    for (const DfuState state : all_states) {
        SCOPED_TRACE(flasher::name_of(state));
        reach(state);
        EXPECT_EQ(bench.dfu.raw_out(7), TransferEnd::stall);
        EXPECT_EQ(bench.dfu.clear_status(), TransferEnd::ok);
        const auto report = bench.dfu.get_status();
        ASSERT_TRUE(report);
        EXPECT_EQ(report->state, DfuState::dfu_idle);
        EXPECT_EQ(report->status, DfuStatus::ok);
        EXPECT_EQ(bench.client().download(next.bytes), flasher::Ending::left);
        EXPECT_TRUE(bench.boots(next));
    }
}

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

TEST_F(DfuStatesTest, UploadEndsInIdleWithAShortBlock) {
    begin_again();
    std::uint16_t block = 0;
    std::size_t length = 0;
    for (;;) {
        const auto got = bench.dfu.upload(block++, 1000);
        ASSERT_EQ(got.end, TransferEnd::ok);
        length += got.bytes.size();
        if (got.bytes.size() < 1000) break;
        ASSERT_EQ(bench.dfu.get_state(), DfuState::dfu_upload_idle);
    }
    EXPECT_EQ(length, bench.target.capacity());
    EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_idle);
}

TEST_F(DfuStatesTest, AnotherInterfaceIsStalledWithoutAnyEffect) {
    for (const DfuState state : all_states) {
        SCOPED_TRACE(flasher::name_of(state));
        for (std::uint8_t request = 0; request < 8; ++request) {
            reach(state);
            EXPECT_EQ(bench.dfu.raw_out(request, 0, {}, 1), TransferEnd::stall);
            EXPECT_EQ(bench.dfu.raw_in(request, 0, 6, 1).end, TransferEnd::stall);
            EXPECT_EQ(bench.dfu.get_state(), state);
        }
    }
}

TEST_F(DfuStatesTest, EveryUnknownRequestIsStalled) {
    reach(DfuState::dfu_idle);
    for (unsigned request = 7; request < 256; ++request) {
        EXPECT_EQ(bench.dfu.raw_in(static_cast<std::uint8_t>(request), 0, 6).end, TransferEnd::stall);
        EXPECT_EQ(bench.dfu.get_state(), DfuState::dfu_error);
        ASSERT_EQ(bench.dfu.clear_status(), TransferEnd::ok) << request;
    }
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
