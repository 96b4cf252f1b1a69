// SPDX-License-Identifier: ISC
// DFU 1.1 as hosts use it: whole downloads, and hosts that break off or get it wrong.
#include <gtest/gtest.h>

#include "tests/unit/firmware/test_device.hpp"

namespace firmware_test {
namespace {

using Dut = TestDevice<Standard>;
using Tolerant = TestDevice<Standard, tolerant>;
const Image image = make_image(Standard::place, 5000, 1);
const Image other = make_image(Standard::place, 4000, 2);

Image part(const Image& of, std::size_t number, std::size_t size = 1024) {
    const auto from = of.begin() + static_cast<std::ptrdiff_t>(number * size);
    return {from, from + static_cast<std::ptrdiff_t>(std::min(size, of.size() - number * size))};
}

TEST(DfuDownload, LeavesByItselfWhenItIsDone) {
    Dut dut;
    EXPECT_EQ(dut.download(image), Status::OK);
    EXPECT_TRUE(dut.leaves());
    EXPECT_TRUE(Dut::Update::application_is_whole());
    EXPECT_EQ(dut.installed(image.size()), image);
}

TEST(DfuDownload, ManifestationTolerantStaysUntilAReset) {
    Tolerant dut;
    EXPECT_EQ(dut.download(image), Status::OK);
    EXPECT_FALSE(dut.leaves());
    EXPECT_EQ(dut.state(), State::dfuIDLE);
    dut.reset();
    EXPECT_TRUE(dut.leaves());
}

TEST(DfuDownload, ManifestationTolerantTakesAnother) {
    Tolerant dut;
    ASSERT_EQ(dut.download(image), Status::OK);
    ASSERT_EQ(dut.download(other), Status::OK);
    EXPECT_EQ(dut.installed(other.size()), other);
    dut.reset();
    EXPECT_TRUE(dut.leaves());
}

TEST(DfuDownload, ManifestationTolerantLeavesAlsoAfterAnUpload) {
    Tolerant dut;
    ASSERT_EQ(dut.download(image), Status::OK);
    ASSERT_EQ(dut.upload(0).result, Result::ok);
    dut.reset();
    EXPECT_TRUE(dut.leaves());
}

TEST(DfuDownload, AResetDoesNotLeaveWhileADownloadIsUnfinished) {
    Tolerant dut;
    ASSERT_EQ(dut.download(image), Status::OK);
    ASSERT_EQ(dut.dnload(0, part(other, 0)), Result::ok);
    dut.reset();
    EXPECT_FALSE(dut.leaves());
}

TEST(DfuDownload, ABlockThatWasGivenUpIsStillTheNext) {
    Dut dut;
    ASSERT_EQ(dut.dnload(0, part(image, 0)), Result::ok);
    ASSERT_EQ(dut.settle().state, State::dfuDNLOAD_IDLE);
    // The host breaks off in the data stage of block 1.
    ASSERT_EQ(dut.bus.send_setup(Dut::dfu_out(Request::DFU_DNLOAD, 1, 1024)), Result::ok);
    ASSERT_EQ(dut.bus.data_out(Image(64, 0xAA), true), Result::ok);
    EXPECT_EQ(dut.state(), State::dfuDNLOAD_IDLE);
    for (std::uint16_t number = 1; number < 5; ++number) {
        ASSERT_EQ(dut.dnload(number, part(image, number)), Result::ok);
        ASSERT_EQ(dut.settle().state, State::dfuDNLOAD_IDLE);
    }
    ASSERT_EQ(dut.dnload(5, {}), Result::ok);
    (void)dut.settle();
    EXPECT_TRUE(dut.leaves());
    EXPECT_EQ(dut.installed(image.size()), image);
}

TEST(DfuDownload, ABlockIsNotLeftOutUnnoticed) {
    Dut dut;
    ASSERT_EQ(dut.dnload(0, part(image, 0)), Result::ok);
    ASSERT_EQ(dut.settle().state, State::dfuDNLOAD_IDLE);
    ASSERT_EQ(dut.bus.send_setup(Dut::dfu_out(Request::DFU_DNLOAD, 1, 1024)), Result::ok);
    EXPECT_EQ(dut.dnload(2, part(image, 2)), Result::stall);
    EXPECT_EQ(dut.status()->status, Status::errADDRESS);
}

TEST(DfuDownload, AbortAndAgain) {
    Dut dut;
    ASSERT_EQ(dut.download(other), Status::OK);
    dut.start();
    for (std::uint16_t number = 0; number < 3; ++number) {
        ASSERT_EQ(dut.dnload(number, part(image, number)), Result::ok);
        ASSERT_EQ(dut.settle().state, State::dfuDNLOAD_IDLE);
    }
    ASSERT_EQ(dut.request(Request::DFU_ABORT), Result::ok);
    EXPECT_FALSE(Dut::Update::application_is_whole()) << "half of the new one is there";
    EXPECT_EQ(dut.download(image), Status::OK);
    EXPECT_EQ(dut.installed(image.size()), image);
}

TEST(DfuDownload, WornFlashIsReportedByGetStatus) {
    Dut dut;
    dut.flash.stuck_at_zero[Dut::place.application_base + 1024 + 64] = 0xFFFF;
    const Status status = dut.download(image);
    EXPECT_TRUE(status == Status::errERASE || status == Status::errPROG);
    EXPECT_FALSE(dut.leaves());
    EXPECT_FALSE(Dut::Update::application_is_whole());
}

TEST(DfuDownload, WornVectorPageIsReportedByGetStatus) {
    Dut dut;
    dut.flash.stuck_at_zero[Dut::place.application_base + 64] = 0xFFFF;
    const Status sent = dut.send_blocks(image);
    ASSERT_EQ(sent, Status::OK);
    ASSERT_EQ(dut.dnload(5, {}), Result::ok);
    const auto reply = dut.status();
    EXPECT_FALSE(dut.leaves());
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->state, State::dfuERROR);
    EXPECT_NE(reply->status, Status::OK);
    EXPECT_FALSE(Dut::Update::application_is_whole());
}

TEST(DfuDownload, AnnouncesTheTimeOfEachPage) {
    Dut dut;
    ASSERT_EQ(dut.download(image), Status::OK);
    dut.start();
    const Image changed = make_image(Dut::place, 5000, 9);
    ASSERT_EQ(dut.dnload(0, part(changed, 0)), Result::ok);
    EXPECT_EQ(dut.status()->poll_timeout_ms, 0U) << "the vector page waits in RAM";
    ASSERT_EQ(dut.dnload(1, part(changed, 1)), Result::ok);
    const auto busy = dut.status();
    EXPECT_EQ(busy->state, State::dfuDNBUSY);
    // 20 ms for the page and 26.88 ms for 512 half-words, of which a few may be blank.
    EXPECT_GE(busy->poll_timeout_ms, 45U);
    EXPECT_LE(busy->poll_timeout_ms, 47U);
    EXPECT_EQ(dut.status()->poll_timeout_ms, 0U);
}

TEST(DfuDownload, ABuildWithoutItSaysSo) {
    TestDevice<Standard, dfu::Attributes{false, true, true}> dut;
    EXPECT_EQ(dut.dnload(0, part(image, 0)), Result::stall);
    EXPECT_EQ(dut.status()->status, Status::errSTALLEDPKT);
}

}  // namespace
}  // namespace firmware_test
