// SPDX-License-Identifier: ISC
// Uploads (DFU 1.1 section 6.2): what comes back, in which blocks, and where it ends.
#include <gtest/gtest.h>

#include "tests/unit/firmware/test_device.hpp"

namespace firmware_test {
namespace {

using Dut = TestDevice<Standard>;

TEST(DfuUpload, ABuildWithoutItSaysSo) {
    TestDevice<Standard, dfu::Attributes{true, false, true}> dut;
    EXPECT_EQ(dut.upload(0).result, Result::stall);
    EXPECT_EQ(dut.status()->status, Status::errSTALLEDPKT);
}

template <class L>
struct DfuUploadTest : ::testing::Test {};
using Layouts = ::testing::Types<Standard, High>;
TYPED_TEST_SUITE(DfuUploadTest, Layouts);

TYPED_TEST(DfuUploadTest, GivesBackWhatWasSentAndEndsShort) {
    TestDevice<TypeParam, tolerant> dut;
    const Image sent = make_image(TypeParam::place, dut.flash.capacity() - 10, 4);
    ASSERT_EQ(dut.download(sent), Status::OK);
    dut.start();
    Image received;
    std::uint16_t number = 0;
    for (;;) {
        const Transfer block = dut.upload(number++, 1000);
        ASSERT_EQ(block.result, Result::ok);
        received.insert(received.end(), block.data.begin(), block.data.end());
        if (block.data.size() < 1000) break;
        ASSERT_EQ(dut.state(), State::dfuUPLOAD_IDLE);
    }
    EXPECT_EQ(dut.state(), State::dfuIDLE);
    EXPECT_EQ(received.size(), dut.flash.capacity());
    received.resize(sent.size());
    EXPECT_EQ(received, sent);
}

TYPED_TEST(DfuUploadTest, EndsWithAnEmptyBlockAfterAFullOne) {
    TestDevice<TypeParam> dut;
    const auto blocks = static_cast<std::uint16_t>(dut.flash.capacity() / 1024);
    for (std::uint16_t number = 0; number < blocks; ++number)
        ASSERT_EQ(dut.upload(number).data.size(), 1024U);
    ASSERT_EQ(dut.state(), State::dfuUPLOAD_IDLE);
    const Transfer last = dut.upload(blocks);
    EXPECT_EQ(last.result, Result::ok);
    EXPECT_TRUE(last.data.empty());
    EXPECT_EQ(dut.state(), State::dfuIDLE);
}

TEST(DfuUpload, BlocksComeInOrderAndStartAnewAfterAnAbort) {
    Dut dut;
    const Image first = dut.upload(0).data;
    EXPECT_EQ(dut.upload(2).result, Result::stall);
    EXPECT_EQ(dut.status()->status, Status::errADDRESS);
    ASSERT_EQ(dut.request(Request::DFU_CLRSTATUS), Result::ok);
    ASSERT_EQ(dut.upload(0).result, Result::ok);
    ASSERT_EQ(dut.request(Request::DFU_ABORT), Result::ok);
    EXPECT_EQ(dut.upload(0).data, first);
}

TEST(DfuUpload, BlockNumbersWrap) {
    Dut dut;
    for (unsigned number = 0; number < 0x1'0002; ++number)
        ASSERT_EQ(dut.upload(static_cast<std::uint16_t>(number), 0).result, Result::ok) << number;
}

/// The least that the driver reports, whatever the chip says.
TEST(DfuUpload, AChipWithoutRoomForAnApplicationHasNothingToRead) {
    Dut dut;
    FakeFlash::end = Dut::place.application_base;
    dut.reset();
    EXPECT_TRUE(dut.upload(0, 64).data.empty());
    EXPECT_EQ(dut.state(), State::dfuIDLE);
    EXPECT_NE(dut.download(make_image(Dut::place, 5000, 1)), Status::OK);
    EXPECT_TRUE(dut.flash.operations().empty());
}

}  // namespace
}  // namespace firmware_test
