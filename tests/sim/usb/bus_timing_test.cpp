// SPDX-License-Identifier: ISC
// What packets cost, against figures computed by hand from USB 2.0 chapter 8.
#include "sim/usb/bus_timing.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace sim::test {
namespace {

using Data = std::vector<std::uint8_t>;

TEST(BusTiming, TwelveBitsTakeAMicrosecond) {
    EXPECT_EQ(bit_times(12), microsecond);
    EXPECT_EQ(bit_times(12'000), millisecond);
}

TEST(BusTiming, StuffsAZeroAfterSixOnes) {
    EXPECT_EQ(stuffed_bits(Data(8, 0x00)), 0);
    EXPECT_EQ(stuffed_bits(Data{0x1F}), 0);
    EXPECT_EQ(stuffed_bits(Data{0x3F}), 1);
    EXPECT_EQ(stuffed_bits(Data(3, 0xFF)), 4) << "24 ones";
    EXPECT_EQ(stuffed_bits(Data{0xE0, 0x07}), 1) << "a run across two bytes";
    EXPECT_EQ(stuffed_bits(Data(64, 0xFF)), 85);
}

TEST(BusTiming, AnOutTransactionOf64BytesTakesItsBits) {
    EXPECT_EQ(bits_to_device(Data(64, 0)), 35 + 3 + 35 + 512);
}

}  // namespace
}  // namespace sim::test
