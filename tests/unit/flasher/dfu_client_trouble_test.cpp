// SPDX-License-Identifier: ISC
// The DFU client with devices that refuse, hang, vanish or answer nonsense.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "flasher/dfu_client.hpp"
#include "tests/unit/flasher/fake_device.hpp"

namespace flasher::test {
namespace {

template <class Action>
DfuError error_of(Action action) {
    try {
        action();
    } catch (const DfuError& error) {
        return error;
    }
    ADD_FAILURE() << "no DfuError came";
    return DfuError(Failure::misuse, {}, "", "");
}

TEST(DfuClientTrouble, RefusalNamesBlockOffsetStateStatusAndNextStep) {
    FakeDevice device;
    device.misbehaviour.refuse_block = 2;
    DfuClient client(device, device.interface(64));

    const auto error = error_of([&] { client.download(counting_bytes(300)); });

    EXPECT_EQ(error.failure(), Failure::refused);
    EXPECT_EQ(error.point().block, 2);
    EXPECT_EQ(error.point().offset, 128U);
    EXPECT_EQ(error.point().report->status, DfuStatus::err_address);
    EXPECT_STREQ(error.what(),
                 "download failed at block 2 (byte 0x80 of the image): the image reaches beyond the memory "
                 "it may "
                 "use [state dfuERROR, status errADDRESS]; use a smaller image or a device with more flash");
    EXPECT_EQ(device.block_numbers.size(), 3U) << "nothing is sent behind a refused block";
}

TEST(DfuClientTrouble, AfterAStallTheDeviceIsAskedWhy) {
    FakeDevice device;
    device.misbehaviour.stall_block = 0;
    DfuClient client(device, device.interface());
    const auto error = error_of([&] { client.download(counting_bytes(10)); });
    EXPECT_EQ(error.failure(), Failure::refused);
    EXPECT_EQ(error.point().report->status, DfuStatus::err_stalledpkt);
    EXPECT_NE(std::string(error.what()).find("errSTALLEDPKT"), std::string::npos);
}

TEST(DfuClientTrouble, ASecondDownloadWorksAfterARefusedOne) {
    FakeDevice device;
    device.misbehaviour.refuse_block = 0;
    DfuClient client(device, device.interface());
    EXPECT_THROW(client.download(counting_bytes(10)), DfuError);
    device.misbehaviour = {};
    device.block_numbers.clear();
    EXPECT_EQ(client.download(counting_bytes(20)), Ending::left);
    EXPECT_EQ(device.memory, counting_bytes(20));
}

TEST(DfuClientTrouble, AVanishedDeviceIsSaidToBeGone) {
    FakeDevice device;
    device.misbehaviour.vanish_at_block = 1;
    DfuClient client(device, device.interface(64));
    const auto error = error_of([&] { client.download(counting_bytes(100)); });
    EXPECT_EQ(error.failure(), Failure::gone);
    EXPECT_EQ(error.point().block, 1);
}

TEST(DfuClientTrouble, PatienceEndsWithABusyDevice) {
    for (const auto poll : {milliseconds(0), milliseconds(100), milliseconds(16'777'215)}) {
        FakeDevice device;
        device.misbehaviour.busy_for_ever = true;
        device.poll = poll;
        DfuClient client(device, device.interface(), {.patience = milliseconds(1'000)});
        const auto error = error_of([&] { client.download(counting_bytes(10)); });
        EXPECT_EQ(error.failure(), Failure::timeout);
        milliseconds slept{0};
        for (const auto one : device.sleeps)
            slept += one;
        EXPECT_LE(slept, milliseconds(1'000));
    }
}

TEST(DfuClientTrouble, AReportOfTheWrongLengthIsRefused) {
    for (const std::size_t length : {0U, 1U, 5U}) {
        FakeDevice device;
        device.misbehaviour.report_length = length;
        DfuClient client(device, device.interface());
        EXPECT_EQ(error_of([&] { client.prepare(); }).failure(), Failure::protocol);
    }
}

TEST(DfuClientTrouble, AStateThatCannotFollowIsRefused) {
    FakeDevice device;
    DfuClient client(device, device.interface());
    client.prepare();
    for (const auto state : {DfuState::dfu_upload_idle, DfuState::app_idle, static_cast<DfuState>(77)}) {
        device.misbehaviour.stuck_in = state;
        EXPECT_THROW(client.download(counting_bytes(10)), DfuError);
        EXPECT_TRUE(device.memory.empty());
    }
}

TEST(DfuClientTrouble, AFailureOfManifestationIsAFailure) {
    FakeDevice device;
    device.misbehaviour.error_in_manifest = true;
    DfuClient client(device, device.interface());
    const auto error = error_of([&] { client.download(counting_bytes(10)); });
    EXPECT_EQ(error.point().operation, "manifestation");
    EXPECT_EQ(error.point().report->status, DfuStatus::err_verify);
}

TEST(DfuClientTrouble, SilenceOfADeviceThatStaysIsAFailure) {
    FakeDevice device;
    device.poll = milliseconds(0);
    device.misbehaviour.deaf_in_manifest = true;
    device.misbehaviour.never_leaves = true;
    DfuClient client(device, device.interface());
    EXPECT_EQ(error_of([&] { client.download(counting_bytes(10)); }).failure(), Failure::timeout);
}

TEST(DfuClientTrouble, ImpossibleWishesAreRefusedBeforeAnythingIsSent) {
    FakeDevice device;
    DfuClient client(device, device.interface());
    EXPECT_EQ(error_of([&] { client.download({}); }).failure(), Failure::misuse);

    device.attributes = {};
    DfuClient incapable(device, device.interface());
    EXPECT_EQ(error_of([&] { incapable.download(counting_bytes(1)); }).failure(), Failure::misuse);
    EXPECT_EQ(error_of([&] { static_cast<void>(incapable.upload(1)); }).failure(), Failure::misuse);

    EXPECT_EQ(error_of([&] { DfuClient(device, device.interface(0)); }).failure(), Failure::misuse);
    auto bare = device.interface();
    bare.functional.reset();
    EXPECT_EQ(error_of([&] { DfuClient(device, bare); }).failure(), Failure::misuse);
    EXPECT_TRUE(device.requests.empty());
}

TEST(DfuClientTrouble, AnApplicationIsNoBootloader) {
    FakeDevice device;
    device.state = DfuState::app_idle;
    DfuClient client(device, device.interface());
    EXPECT_EQ(error_of([&] { client.prepare(); }).failure(), Failure::misuse);
}

/// Answers everything with random outcomes and bytes.
class NoiseDevice : public FakeDevice {
  public:
    TransferResult control_in(const SetupPacket&, std::span<std::uint8_t> data) override {
        for (auto& byte : data)
            byte = static_cast<std::uint8_t>(next() % 12);
        const auto outcome = next() % 8 == 0 ? static_cast<Outcome>(next() % 5) : Outcome::ok;
        return {outcome, next() % 4 == 0 ? next() % (2 * data.size() + 1) : data.size()};
    }
    TransferResult control_out(const SetupPacket&, std::span<const std::uint8_t>) override {
        return {next() % 8 == 0 ? static_cast<Outcome>(next() % 5) : Outcome::ok, 0};
    }
    std::uint32_t seed = 1;

  private:
    std::uint32_t next() { return (seed = seed * 1'664'525 + 1'013'904'223) >> 8; }
};

RC_GTEST_PROP(DfuClientTrouble, NoiseEndsInAnEndingOrADfuError, ()) {
    NoiseDevice device;
    device.seed = *rc::gen::arbitrary<std::uint32_t>();
    DfuClient client(device, device.interface(8), {.patience = milliseconds(100'000)});
    try {
        client.download(counting_bytes(30));
    } catch (const DfuError& error) {
        RC_ASSERT(std::string(error.what()).find("failed") != std::string::npos);
    }
    try {
        RC_ASSERT(client.upload(100).size() <= 100U);
    } catch (const DfuError&) {
    }
}

}  // namespace
}  // namespace flasher::test
