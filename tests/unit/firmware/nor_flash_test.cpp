// SPDX-License-Identifier: ISC
// The fake flash itself: a fake that lets things pass proves nothing.
#include "tests/unit/firmware/nor_flash.hpp"

#include <gtest/gtest.h>

namespace firmware_test {
namespace {

constexpr std::uint32_t page = 1024, somewhere = NorFlash::base + 2 * page;

struct NorFlashTest : ::testing::Test {
    NorFlash flash{8 * page, page};
    void SetUp() override {
        flash.allow(somewhere, somewhere + 2 * page);
        flash.unlock();
    }
};

TEST_F(NorFlashTest, ProgramsBlankHalfWordsAndZeroesAnything) {
    flash.program(somewhere, 0x1234);
    EXPECT_EQ(flash.half_word(somewhere), 0x1234);
    flash.program(somewhere, 0);
    EXPECT_EQ(flash.half_word(somewhere), 0);
    flash.erase_page(somewhere);
    EXPECT_EQ(flash.half_word(somewhere), 0xFFFF);
    EXPECT_EQ(flash.operations().size(), 3U);
    EXPECT_DOUBLE_EQ(flash.elapsed_us(), 20'000 + 2 * 52.5);
}

TEST_F(NorFlashTest, RefusesWhatSiliconRefuses) {
    flash.program(somewhere, 0x1234);
    EXPECT_THROW(flash.program(somewhere, 0x1230), FlashMisuse);
    EXPECT_THROW(flash.program(somewhere + 1, 0), FlashMisuse);
    EXPECT_THROW(flash.erase_page(somewhere + 2), FlashMisuse);
    flash.power_on();
    EXPECT_THROW(flash.program(somewhere + 2, 0), FlashMisuse) << "locked again";
}

TEST_F(NorFlashTest, RefusesTouchesOutsideOfWhatIsAllowed) {
    EXPECT_THROW(flash.program(somewhere - 2, 0), FlashMisuse);
    EXPECT_THROW(flash.program(somewhere + 2 * page, 0), FlashMisuse);
    EXPECT_THROW(flash.erase_page(somewhere - page), FlashMisuse);
    EXPECT_THROW(flash.erase_page(somewhere + 2 * page), FlashMisuse);
    EXPECT_THROW((void)flash.at(NorFlash::base - 1), FlashMisuse);
    EXPECT_THROW((void)flash.at(flash.end() + 1), FlashMisuse);
    EXPECT_TRUE(flash.operations().empty());
}

TEST_F(NorFlashTest, ProtectedPagesStayAsTheyAreAndSaySo) {
    flash.protected_pages.insert(somewhere);
    flash.program(somewhere + 4, 0);
    EXPECT_EQ(flash.half_word(somewhere + 4), 0xFFFF);
    EXPECT_TRUE(flash.met_protection());
    EXPECT_FALSE(flash.met_protection()) << "asking clears it";
}

TEST_F(NorFlashTest, WornBitsAndClones) {
    flash.stuck_at_one[somewhere] = 0x0004;
    flash.stuck_at_zero[somewhere + 2] = 0x8000;
    flash.program(somewhere, 0);
    flash.program(somewhere + 2, 0xFF00);
    EXPECT_EQ(flash.half_word(somewhere), 0x0004);
    EXPECT_EQ(flash.half_word(somewhere + 2), 0x7F00);
    flash.ignores_zeroes = true;
    flash.program(somewhere + 2, 0);
    EXPECT_EQ(flash.half_word(somewhere + 2), 0x7F00);
    flash.program(somewhere + 4, 0);
    EXPECT_EQ(flash.half_word(somewhere + 4), 0) << "blank takes a zero on any clone";
}

TEST_F(NorFlashTest, PowerFailsBeforeDuringAndAfterAnOperation) {
    using enum Cut::Moment;
    const auto after_cut = [&](Cut::Moment moment, std::uint32_t seed) {
        NorFlash copy = flash;
        copy.program(somewhere, 0x1111);  // operation 0
        copy.cut = Cut{1, moment, seed};
        EXPECT_THROW(copy.program(somewhere + 2, 0x0F0F), PowerCut);
        EXPECT_EQ(copy.half_word(somewhere), 0x1111);
        return copy.half_word(somewhere + 2);
    };
    EXPECT_EQ(after_cut(before, 1), 0xFFFF);
    EXPECT_EQ(after_cut(after, 1), 0x0F0F);
    bool partial = false;
    for (std::uint32_t seed = 0; seed < 32; ++seed) {
        const std::uint16_t left = after_cut(during, seed);
        EXPECT_EQ(left & 0x0F0F, 0x0F0F) << "a program only takes bits away";
        partial = partial || (left != 0xFFFF && left != 0x0F0F);
    }
    EXPECT_TRUE(partial);
}

TEST_F(NorFlashTest, AnInterruptedEraseLeavesBitsBehind) {
    flash.preload(somewhere, std::vector<std::uint8_t>(2 * page, 0x00));
    flash.cut = Cut{0, Cut::Moment::during, 7};
    EXPECT_THROW(flash.erase_page(somewhere), PowerCut);
    const auto left = flash.bytes(somewhere, page);
    EXPECT_NE(left, std::vector<std::uint8_t>(page, 0x00));
    EXPECT_NE(left, std::vector<std::uint8_t>(page, 0xFF));
    EXPECT_EQ(flash.half_word(somewhere + page), 0) << "the next page is not touched";
}

}  // namespace
}  // namespace firmware_test
