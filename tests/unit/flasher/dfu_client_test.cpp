// SPDX-License-Identifier: ISC
// The DFU client with devices that keep to DFU 1.1.
#include "flasher/dfu_client.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/unit/flasher/fake_device.hpp"

namespace flasher::test {
namespace {

TEST(DfuClientDownload, SendsBlocksOfTransferSizeCountedFromZeroAndAnEmptyOne) {
    FakeDevice device;
    DfuClient client(device, device.interface(64));
    const auto image = counting_bytes(150);

    EXPECT_EQ(client.download(image), Ending::left);

    EXPECT_EQ(device.memory, image);
    EXPECT_EQ(device.block_numbers, (std::vector<std::uint16_t>{0, 1, 2}));
    EXPECT_EQ(device.block_lengths, (std::vector<std::size_t>{64, 64, 22}));
    EXPECT_EQ(std::ranges::count(device.requests, DfuRequest::dnload), 4);
    EXPECT_EQ(device.closing_number, 3);
}

TEST(DfuClientDownload, WaitsWhatTheDeviceAsksForAfterEachBusyAnswerOnly) {
    FakeDevice device;
    device.poll = milliseconds(50);
    device.busy_polls = 2;
    DfuClient client(device, device.interface(64));

    client.download(counting_bytes(128));

    // Two busy answers for each of two blocks, one wait in manifestation.
    EXPECT_EQ(device.sleeps, std::vector<milliseconds>(5, milliseconds(50)));
}

TEST(DfuClientDownload, NumbersWrapAfter65535) {
    FakeDevice device;
    device.busy_polls = 0;
    DfuClient client(device, device.interface(1));
    client.download(counting_bytes(65'537));
    EXPECT_EQ(device.block_numbers[65'535], 65'535);
    EXPECT_EQ(device.block_numbers[65'536], 0);
}

TEST(DfuClientDownload, TolerantDeviceEndsIdle) {
    FakeDevice device;
    device.attributes = {.can_download = true, .manifestation_tolerant = true};
    DfuClient client(device, device.interface());
    EXPECT_EQ(client.download(counting_bytes(10)), Ending::idle);
    EXPECT_EQ(device.bus_resets, 0);
}

TEST(DfuClientDownload, DeviceThatWaitsForResetGetsOne) {
    FakeDevice device;
    device.attributes = {.can_download = true};
    DfuClient client(device, device.interface());
    EXPECT_EQ(client.download(counting_bytes(10)), Ending::reset);
    EXPECT_EQ(device.bus_resets, 1);
}

TEST(DfuClientDownload, SilenceOfADeviceThatLeavesIsSuccess) {
    FakeDevice device;
    device.poll = milliseconds(0);
    device.misbehaviour.deaf_in_manifest = true;
    DfuClient client(device, device.interface());
    EXPECT_EQ(client.download(counting_bytes(10)), Ending::left);
}

TEST(DfuClientDownload, ReportsProgressFromNothingToAll) {
    FakeDevice device;
    DfuClient client(device, device.interface(64));
    std::vector<std::size_t> done;
    client.download(counting_bytes(100), [&](const Progress& progress) {
        EXPECT_EQ(progress.total, 100U);
        if (progress.phase == Progress::Phase::download) done.push_back(progress.done);
    });
    EXPECT_EQ(done, (std::vector<std::size_t>{0, 64, 100}));
}

TEST(DfuClientDownload, ADeviceThatIsGoneInManifestationHasLeft) {
    for (const bool announced : {true, false}) {
        FakeDevice device;
        device.attributes.will_detach = announced;
        device.misbehaviour.gone_in_manifest = true;
        EXPECT_EQ(DfuClient(device, device.interface()).download(counting_bytes(100)), Ending::left) << announced;
    }
}

TEST(DfuClientPrepare, ClearsAnErrorThatAnotherHostLeft) {
    FakeDevice device;
    device.state = DfuState::dfu_error;
    device.status = DfuStatus::err_prog;
    DfuClient client(device, device.interface());
    client.prepare();
    EXPECT_EQ(device.state, DfuState::dfu_idle);
    EXPECT_EQ(device.requests,
              (std::vector<DfuRequest>{DfuRequest::getstatus, DfuRequest::clrstatus, DfuRequest::getstatus}));
}

TEST(DfuClientPrepare, AbortsATransferThatAnotherHostLeft) {
    for (const auto state : {DfuState::dfu_dnload_idle, DfuState::dfu_upload_idle}) {
        FakeDevice device;
        device.state = state;
        DfuClient client(device, device.interface());
        client.prepare();
        EXPECT_EQ(device.state, DfuState::dfu_idle);
        EXPECT_EQ(device.requests[1], DfuRequest::abort);
    }
}

TEST(DfuClientPrepare, SelectsTheAlternateSetting) {
    FakeDevice device;
    auto interface = device.interface();
    interface.bAlternateSetting = 2;
    DfuClient(device, interface).prepare();
    EXPECT_EQ(device.alternate, 2);
}

TEST(DfuClientPrepare, AcceptsThatASingleSettingCannotBeSelected) {
    FakeDevice device;
    device.misbehaviour.stall_set_interface = true;
    DfuClient(device, device.interface()).prepare();
    auto second = device.interface();
    second.bAlternateSetting = 1;
    EXPECT_THROW(DfuClient(device, second).prepare(), DfuError);
}

TEST(DfuClientUpload, ReadsUntilAShortBlock) {
    FakeDevice device;
    device.memory = counting_bytes(150);
    DfuClient client(device, device.interface(64));
    EXPECT_EQ(client.upload(1'000), device.memory);
    EXPECT_EQ(device.state, DfuState::dfu_idle);
}

TEST(DfuClientUpload, TakesAStallInIdleForTheEnd) {
    FakeDevice device;
    device.misbehaviour.stall_at_the_end = true;
    device.memory = counting_bytes(128);
    EXPECT_EQ(DfuClient(device, device.interface(64)).upload(1'000), device.memory);
    device.memory.clear();
    EXPECT_THROW(static_cast<void>(DfuClient(device, device.interface(64)).upload(1'000)), DfuError)
        << "nothing was read";
}

TEST(DfuClientUpload, StopsAtItsLimitAndLeavesTheDeviceIdle) {
    FakeDevice device;
    device.memory = counting_bytes(500);
    DfuClient client(device, device.interface(64));
    EXPECT_EQ(client.upload(100), counting_bytes(100));
    EXPECT_EQ(device.requests.back(), DfuRequest::abort);
    EXPECT_EQ(device.state, DfuState::dfu_idle);
}

TEST(DfuClientLeave, DetachesThenResetsADeviceThatStays) {
    FakeDevice device;
    DfuClient(device, device.interface()).leave();
    EXPECT_EQ(device.requests, std::vector{DfuRequest::detach});
    EXPECT_EQ(device.bus_resets, 1);
}

TEST(DfuClientLeave, WaitsOnlyForADeviceThatGoesByItself) {
    const auto waited = [](bool will_detach, bool knows_detach) {
        FakeDevice device;
        device.attributes.will_detach = will_detach;
        device.misbehaviour.stall_detach = !knows_detach;
        DfuClient(device, device.interface()).leave();
        EXPECT_EQ(device.bus_resets, 1);
        return device.sleeps.at(0);
    };
    EXPECT_GT(waited(true, true), milliseconds(100));
    EXPECT_LT(waited(false, true), milliseconds(100));
    EXPECT_LT(waited(true, false), milliseconds(100));
    FakeDevice gone;
    gone.present = false;
    DfuClient(gone, gone.interface()).leave();
    EXPECT_TRUE(gone.sleeps.empty());
    EXPECT_EQ(gone.bus_resets, 0);
}

TEST(DfuClientEnterDfu, WaitsForADeviceThatDetachesByItself) {
    FakeDevice device;
    DfuClient(device, device.interface()).enter_dfu();
    EXPECT_EQ(device.bus_resets, 0);
    EXPECT_EQ(device.reopens, 1);
}

TEST(DfuClientEnterDfu, ResetsADeviceThatDoesNot) {
    FakeDevice device;
    device.attributes.will_detach = false;
    DfuClient(device, device.interface()).enter_dfu();
    EXPECT_EQ(device.bus_resets, 1);
}

RC_GTEST_PROP(DfuClientRoundTrip, UploadReturnsWhatDownloadSent, ()) {
    FakeDevice device;
    device.attributes.manifestation_tolerant = true;
    device.attributes.will_detach = false;
    const auto image = *rc::gen::nonEmpty<std::vector<std::uint8_t>>();
    const auto transfer_size = *rc::gen::inRange<std::uint16_t>(1, 300);
    device.busy_polls = *rc::gen::inRange(0, 3);
    DfuClient client(device, device.interface(transfer_size));
    RC_ASSERT(client.download(image) == Ending::idle);
    RC_ASSERT(client.upload(image.size() + 1) == image);
}

}  // namespace
}  // namespace flasher::test
