// SPDX-License-Identifier: ISC
// Commands of a client as requests to the bus.
#include "sim/serve/usbip/translation.hpp"

#include <gtest/gtest.h>

namespace sim::serve::usbip::test {
namespace {

Submit read_control(std::uint32_t length) {
    return {.sequence = 7,
            .direction = Direction::in,
            .length = length,
            .setup = {0x80, 6, 0, 1, 0, 0, static_cast<std::uint8_t>(length), 0},
            .data = {}};
}

TEST(UsbipTranslation, AControlTransferKeepsItsSetup) {
    const auto request = request_of(read_control(18));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->id, 7U);
    EXPECT_TRUE(request->control() && request->to_host());
    EXPECT_EQ(request->setup, read_control(18).setup);
    EXPECT_EQ(request->length, 18U);
    EXPECT_FALSE(request->all_wanted);
}

TEST(UsbipTranslation, EndpointsFlagsAndIntervalsArrive) {
    const auto in = request_of({.direction = Direction::in,
                                .endpoint = 2,
                                .flags = Submit::short_not_ok,
                                .length = 8,
                                .interval = 4,
                                .data = {}});
    ASSERT_TRUE(in);
    EXPECT_EQ(in->endpoint, 0x82);
    EXPECT_TRUE(in->all_wanted);
    EXPECT_EQ(in->interval, 4U);
    const auto out = request_of({.endpoint = 2, .flags = Submit::zero_packet, .length = 2, .data = {1, 2}});
    ASSERT_TRUE(out);
    EXPECT_EQ(out->endpoint, 0x02);
    EXPECT_TRUE(out->zero_length_end);
    EXPECT_EQ(out->data, (Bytes{1, 2}));
}

TEST(UsbipTranslation, AClientThatContradictsItselfReachesNoDevice) {
    auto longer = read_control(8);
    longer.length = 9;
    EXPECT_FALSE(request_of(longer));
    auto turned = read_control(8);
    turned.direction = Direction::out;
    turned.data.resize(8);
    EXPECT_FALSE(request_of(turned));
    auto empty = read_control(0);
    empty.direction = Direction::out;
    EXPECT_TRUE(request_of(empty)) << "without data there is no direction";
}

TEST(UsbipTranslation, EndsHaveLinuxsNumbers) {
    const auto number = [](TransferEnd end) { return static_cast<int>(status_of(end)); };
    EXPECT_EQ(number(TransferEnd::ok), 0);
    EXPECT_EQ(number(TransferEnd::stall), -32);
    EXPECT_EQ(number(TransferEnd::no_response), -71);
    EXPECT_EQ(number(TransferEnd::violation), -71);
    EXPECT_EQ(number(TransferEnd::overrun), -75);
    EXPECT_EQ(number(TransferEnd::gone), -108);
    EXPECT_EQ(number(TransferEnd::underrun), -121);
}

}  // namespace
}  // namespace sim::serve::usbip::test
