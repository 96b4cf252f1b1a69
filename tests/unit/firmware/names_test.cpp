// SPDX-License-Identifier: ISC
// The names that users write in DEFS mean what they say, each of them.
#include "config/names.hpp"

#include <gtest/gtest.h>

namespace firmware_test {
namespace {

using namespace config::names;

TEST(Names, PortsArePortsInTheirOrder) {
    unsigned number = 0;
    for (const config::Port port : {GPIOA, GPIOB, GPIOC, GPIOD, GPIOE, GPIOF, GPIOG})
        EXPECT_EQ(static_cast<unsigned>(port), number++);
    EXPECT_EQ(number, 7U);
}

TEST(Names, PinsHaveTheirNumbers) {
    unsigned number = 0;
    for (const PinNumber pin : {GPIO0, GPIO1, GPIO2, GPIO3, GPIO4, GPIO5, GPIO6, GPIO7, GPIO8, GPIO9, GPIO10, GPIO11,
                                GPIO12, GPIO13, GPIO14, GPIO15})
        EXPECT_EQ(static_cast<unsigned>(pin), number++);
    EXPECT_EQ(number, 16U);
}

TEST(Names, BackupRegistersHaveTheirNumbers) {
    unsigned number = 1;
    for (const BackupRegister one : {BKP1, BKP2, BKP3, BKP4, BKP5, BKP6, BKP7, BKP8, BKP9, BKP10})
        EXPECT_EQ(static_cast<unsigned>(one), number++);
    EXPECT_EQ(number, 11U);
}

TEST(Names, MapleIsWhatItsToolsKnow) {
    const config::Board maple = compatible_with(MAPLE, config::bare_board);
    EXPECT_EQ(maple.usb.vendor_id, 0x1EAF);
    EXPECT_EQ(maple.usb.product_id, 0x0003);
    EXPECT_EQ(maple.dfu.alternate, 2);
    EXPECT_TRUE(maple.options.maple_commands);
}

}  // namespace
}  // namespace firmware_test
