// SPDX-License-Identifier: ISC
// Every state of DFU mode against every request (DFU 1.1 appendix A.2).
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

struct Try {
    std::string name;
    std::function<Result(Dut&)> send;
    /// Where it is legal, and the state afterwards; everywhere else it stalls and ends in dfuERROR.
    std::map<State, State> legal;
};

std::uint16_t next_block(State state) {
    return state == State::dfuDNLOAD_IDLE || state == State::dfuUPLOAD_IDLE ? 1 : 0;
}

const std::vector<Try>& tries(State state) {
    static std::uint16_t number;
    number = next_block(state);
    using enum State;
    static const std::vector<Try> all = {
        {"DFU_DNLOAD of a block",
         [](Dut& dut) { return dut.dnload(number, first_block); },
         {{dfuIDLE, dfuDNLOAD_SYNC}, {dfuDNLOAD_IDLE, dfuDNLOAD_SYNC}}},
        {"DFU_DNLOAD of nothing",
         [](Dut& dut) { return dut.dnload(number, {}); },
         {{dfuDNLOAD_IDLE, dfuMANIFEST_SYNC}}},
        {"DFU_UPLOAD",
         [](Dut& dut) { return dut.upload(number).result; },
         {{dfuIDLE, dfuUPLOAD_IDLE}, {dfuUPLOAD_IDLE, dfuUPLOAD_IDLE}}},
        {"DFU_GETSTATUS",
         [](Dut& dut) { return dut.bus.in(Dut::dfu_in(Request::DFU_GETSTATUS, 0, 6)).result; },
         {{dfuIDLE, dfuIDLE},
          {dfuDNLOAD_SYNC, dfuDNLOAD_IDLE},
          {dfuDNLOAD_IDLE, dfuDNLOAD_IDLE},
          {dfuMANIFEST_SYNC, dfuIDLE},
          {dfuUPLOAD_IDLE, dfuUPLOAD_IDLE},
          {dfuERROR, dfuERROR}}},
        {"DFU_CLRSTATUS", [](Dut& dut) { return dut.request(Request::DFU_CLRSTATUS); }, {{dfuERROR, dfuIDLE}}},
        {"DFU_GETSTATE",
         [](Dut& dut) { return dut.bus.in(Dut::dfu_in(Request::DFU_GETSTATE, 0, 1)).result; },
         {{dfuIDLE, dfuIDLE},
          {dfuDNLOAD_SYNC, dfuDNLOAD_SYNC},
          {dfuDNLOAD_IDLE, dfuDNLOAD_IDLE},
          {dfuMANIFEST_SYNC, dfuMANIFEST_SYNC},
          {dfuUPLOAD_IDLE, dfuUPLOAD_IDLE},
          {dfuERROR, dfuERROR}}},
        {"DFU_ABORT",
         [](Dut& dut) { return dut.request(Request::DFU_ABORT); },
         {{dfuIDLE, dfuIDLE}, {dfuDNLOAD_SYNC, dfuIDLE}, {dfuDNLOAD_IDLE, dfuIDLE}, {dfuUPLOAD_IDLE, dfuIDLE}}},
        {"request 7", [](Dut& dut) { return dut.request(static_cast<Request>(7)); }, {}},
        {"request 255", [](Dut& dut) { return dut.request(static_cast<Request>(255)); }, {}},
        {"DFU_GETSTATUS from the host", [](Dut& dut) { return dut.request(Request::DFU_GETSTATUS); }, {}},
        {"DFU_ABORT to the host",
         [](Dut& dut) { return dut.bus.in(Dut::dfu_in(Request::DFU_ABORT, 0, 6)).result; },
         {}},
        {"DFU_UPLOAD from the host",
         [](Dut& dut) { return dut.bus.out(Dut::dfu_out(Request::DFU_UPLOAD, number, 4), {1, 2, 3, 4}).result; },
         {}},
    };
    return all;
}

TEST(DfuStates, EveryRequestInEveryState) {
    for (const State state : states) {
        for (const Try& attempt : tries(state)) {
            SCOPED_TRACE(attempt.name + " in state " + std::to_string(static_cast<int>(state)));
            Dut dut;
            enter(dut, state);
            ASSERT_FALSE(::testing::Test::HasFatalFailure());
            const Result result = attempt.send(dut);
            const auto legal = attempt.legal.find(state);
            if (legal != attempt.legal.end()) {
                EXPECT_EQ(result, Result::ok);
                EXPECT_EQ(dut.state(), legal->second);
                continue;
            }
            EXPECT_EQ(result, Result::stall);
            const auto reply = dut.status();
            ASSERT_TRUE(reply.has_value());
            EXPECT_EQ(reply->state, State::dfuERROR);
            EXPECT_EQ(reply->status, Status::errSTALLEDPKT);
            // And back: the error is the host's to clear, and a download then works.
            EXPECT_EQ(dut.request(Request::DFU_CLRSTATUS), Result::ok);
            EXPECT_EQ(dut.state(), State::dfuIDLE);
            EXPECT_EQ(dut.download(image), Status::OK);
            EXPECT_TRUE(dut.leaves());
            EXPECT_EQ(dut.installed(image.size()), image);
        }
    }
}

TEST(DfuStates, DetachLeavesFromEveryState) {
    for (const State state : states) {
        SCOPED_TRACE(static_cast<int>(state));
        Dut dut;
        enter(dut, state);
        EXPECT_EQ(dut.request(Request::DFU_DETACH), Result::ok);
        EXPECT_TRUE(dut.leaves());
    }
}

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

TEST(DfuStates, TheFirstCauseOfAnErrorStands) {
    Dut dut;
    ASSERT_EQ(dut.dnload(0, Image(64, 0xFF)), Result::ok);
    ASSERT_EQ(dut.status()->status, Status::errTARGET);
    EXPECT_EQ(dut.request(Request::DFU_ABORT), Result::stall);
    EXPECT_EQ(dut.dnload(1, first_block), Result::stall);
    const auto reply = dut.status();
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->state, State::dfuERROR);
    EXPECT_EQ(reply->status, Status::errTARGET);
}

}  // namespace
}  // namespace firmware_test
