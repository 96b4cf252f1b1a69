// SPDX-License-Identifier: ISC
// The fake endpoint itself, and the firmware's arithmetic on EPnR against it.
#include "tests/unit/firmware/endpoint0.hpp"

#include <gtest/gtest.h>

namespace firmware_test {
namespace {

using chip::Epr;
using chip::Stat;
constexpr std::array<std::uint8_t, 8> some_setup{0x80, 6, 0, 1, 0, 0, 18, 0};

struct Endpoint0Test : ::testing::Test {
    Endpoint0 endpoint;
    void SetUp() override {
        endpoint.bus_reset();
        ASSERT_TRUE(endpoint.take_reset());
        endpoint.open();
    }
    void serve(Stat tx, Stat rx) {
        endpoint.write(static_cast<std::uint16_t>(Epr{endpoint.read()}.served(Epr::stats(tx, rx)).value));
    }
};

TEST_F(Endpoint0Test, IsSilentUntilOpened) {
    Endpoint0 closed;
    EXPECT_EQ(closed.setup(some_setup), Handshake::none);
    EXPECT_EQ(closed.in().handshake, Handshake::none);
    EXPECT_EQ(endpoint.setup(some_setup), Handshake::ack);
}

TEST_F(Endpoint0Test, AnswersAsItsStatSays) {
    EXPECT_EQ(endpoint.in().handshake, Handshake::nak);
    EXPECT_EQ(endpoint.out({}, true), Handshake::nak);
    ASSERT_EQ(endpoint.setup(some_setup), Handshake::ack);
    serve(Stat::stall, Stat::stall);
    EXPECT_EQ(endpoint.in().handshake, Handshake::stall);
    EXPECT_EQ(endpoint.out({}, true), Handshake::stall);
}

TEST_F(Endpoint0Test, ASecondSetupWaitsUntilTheFirstIsServed) {
    ASSERT_EQ(endpoint.setup(some_setup), Handshake::ack);
    EXPECT_EQ(endpoint.setup(some_setup), Handshake::none);
    serve(Stat::nak, Stat::nak);
    EXPECT_EQ(endpoint.setup(some_setup), Handshake::ack);
}

TEST_F(Endpoint0Test, TogglesStartAtData1BehindASetup) {
    ASSERT_EQ(endpoint.setup(some_setup), Handshake::ack);
    const std::uint8_t byte = 7;
    endpoint.load(&byte, 1);
    serve(Stat::valid, Stat::valid);
    EXPECT_TRUE(endpoint.in().data1);
    EXPECT_EQ(endpoint.out({1}, false), Handshake::ack) << "a repeated packet is dropped";
    EXPECT_THROW((void)endpoint.received(), EndpointMisuse);
    EXPECT_EQ(endpoint.out({1}, true), Handshake::ack);
    EXPECT_EQ(endpoint.received(), 1U);
}

TEST_F(Endpoint0Test, SeesMisuse) {
    const std::uint8_t byte = 7;
    EXPECT_THROW((void)endpoint.received(), EndpointMisuse);
    ASSERT_EQ(endpoint.setup(some_setup), Handshake::ack);
    EXPECT_THROW(endpoint.transmit(1), EndpointMisuse) << "nothing was loaded";
    std::array<std::uint8_t, 10> room{};
    EXPECT_THROW(endpoint.unload(room.data(), 9), EndpointMisuse);
    serve(Stat::valid, Stat::valid);
    endpoint.load(&byte, 1);
    EXPECT_THROW(endpoint.transmit(1), EndpointMisuse) << "the other packet may be on the wire";
    EXPECT_THROW(endpoint.unload(room.data(), 8), EndpointMisuse) << "served already";
}

TEST_F(Endpoint0Test, AResetKeepsCtrAndClearsTheRest) {
    ASSERT_EQ(endpoint.setup(some_setup), Handshake::ack);
    endpoint.bus_reset();
    EXPECT_EQ(endpoint.value() & 0xF0F0, 0x8000);
    endpoint.take_reset();
    endpoint.open();
    EXPECT_EQ(endpoint.value() & 0xF0F0, 0x2020) << "CTR_RX is cleared by opening";
}

}  // namespace
}  // namespace firmware_test
