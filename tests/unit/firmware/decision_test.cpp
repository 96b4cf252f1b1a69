// SPDX-License-Identifier: ISC
// Whether to start the application, and what counts as one.
#include "boot/decision.hpp"

#include <gtest/gtest.h>

#include "dfu/image.hpp"

namespace firmware_test {
namespace {

TEST(Decision, WholeTruthTable) {
    using boot::Decision;
    for (unsigned row = 0; row < 32; ++row) {
        const boot::Inputs inputs{.button_pressed = (row & 1) != 0,
                                  .commanded = (row & 2) != 0,
                                  .hung = (row & 4) != 0,
                                  .reset_twice = (row & 8) != 0,
                                  .application_is_whole = (row & 16) != 0};
        // An application, and no reason not to: one row of all.
        const Decision expected = row == 16 ? Decision::start_application : Decision::stay;
        EXPECT_EQ(boot::decide(inputs), expected) << row;
    }
}

// 20 KiB of RAM, 56 KiB of application on a 64 KiB part.
constexpr dfu::Ranges ranges{0x2000'0000, 0x2000'5000, 0x0800'2000, 0x0801'0000};
constexpr std::uint32_t good_stack = 0x2000'5000, good_reset = 0x0800'2101;

TEST(Runnable, StackLiesInRamOrAtItsEnd) {
    const auto with_stack = [](std::uint32_t stack) { return dfu::runnable({stack, good_reset}, ranges); };
    EXPECT_TRUE(with_stack(0x2000'5000));
    EXPECT_TRUE(with_stack(0x2000'4FFC));
    EXPECT_TRUE(with_stack(0x2000'0004));
    EXPECT_FALSE(with_stack(0x2000'0000)) << "nothing could be pushed";
    EXPECT_FALSE(with_stack(0x2000'5001));
    EXPECT_FALSE(with_stack(0x1FFF'FFFF));
    for (const std::uint32_t stack : {0x0000'0000U, 0xFFFF'FFFFU, 0x0800'2000U, 0xA000'4000U})
        EXPECT_FALSE(with_stack(stack)) << stack;
}

TEST(Runnable, ResetHandlerIsThumbCodeInTheApplication) {
    const auto with_reset = [](std::uint32_t reset) { return dfu::runnable({good_stack, reset}, ranges); };
    EXPECT_TRUE(with_reset(0x0800'2009));
    EXPECT_TRUE(with_reset(0x0800'FFFF)) << "the very last half-word";
    EXPECT_FALSE(with_reset(0x0801'0001));
    EXPECT_FALSE(with_reset(0x0800'1FFF)) << "in the bootloader";
    EXPECT_FALSE(with_reset(0x0800'2100)) << "not Thumb";
    for (const std::uint32_t reset : {0x0000'0000U, 0xFFFF'FFFFU, 0x2000'0101U, 0x0000'2101U})
        EXPECT_FALSE(with_reset(reset)) << reset;
}

}  // namespace
}  // namespace firmware_test
