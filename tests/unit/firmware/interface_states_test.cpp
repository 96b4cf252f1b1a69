// SPDX-License-Identifier: ISC
// A USB reset in every state of DFU mode (DFU 1.1 appendix A.2). What each request does in each of them is in the list
// of properties, flasher/properties/states.cpp.
#include <gtest/gtest.h>

#include "tests/unit/firmware/test_device.hpp"

namespace firmware_test {
namespace {

using Dut = TestDevice<Standard>;
const Image image = make_image(Standard::place, 3000, 1);
const Image first_block(image.begin(), image.begin() + 1024);

/// Brings a fresh device into a state. (dfuDNBUSY and dfuMANIFEST are never found: the work is done before the next
/// request is answered.)
void enter(Dut& dut, State state) {
    switch (state) {
        case State::dfuIDLE:
            break;
        case State::dfuDNLOAD_SYNC:
            ASSERT_EQ(dut.dnload(0, first_block), Result::ok);
            break;
        case State::dfuDNLOAD_IDLE:
            ASSERT_EQ(dut.dnload(0, first_block), Result::ok);
            ASSERT_EQ(dut.settle().state, State::dfuDNLOAD_IDLE);
            break;
        case State::dfuMANIFEST_SYNC:
            ASSERT_EQ(dut.send_blocks(image), Status::OK);
            ASSERT_EQ(dut.dnload(3, {}), Result::ok);
            break;
        case State::dfuUPLOAD_IDLE:
            ASSERT_EQ(dut.upload(0).result, Result::ok);
            break;
        case State::dfuERROR:
            ASSERT_EQ(dut.request(Request::DFU_CLRSTATUS), Result::stall);
            break;
        default:
            FAIL() << "not a state that lasts";
    }
}

const std::vector<State> states = {
    State::dfuIDLE,          State::dfuDNLOAD_SYNC, State::dfuDNLOAD_IDLE,
    State::dfuMANIFEST_SYNC, State::dfuUPLOAD_IDLE, State::dfuERROR,
};

TEST(DfuStates, AResetLeadsToIdleFromEveryState) {
    for (const State state : states) {
        SCOPED_TRACE(static_cast<int>(state));
        Dut dut;
        enter(dut, state);
        dut.reset();
        EXPECT_FALSE(dut.leaves());
        const auto reply = dut.status();
        ASSERT_TRUE(reply.has_value());
        EXPECT_EQ(reply->state, State::dfuIDLE);
        EXPECT_EQ(reply->status, Status::OK);
        EXPECT_EQ(dut.download(image), Status::OK);
        EXPECT_EQ(dut.installed(image.size()), image);
    }
}

}  // namespace
}  // namespace firmware_test
