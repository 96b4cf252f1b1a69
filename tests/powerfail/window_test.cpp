// SPDX-License-Identifier: ISC
// The one moment in which a high-memory chip can be left without start-up: from the erase of page 0 until its first two
// words, the bootloader's stack and entry, are programmed again.
#include <algorithm>
#include <iostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/powerfail/sweep.hpp"

namespace powerfail {
namespace {

using sim::FlashOperation;
using sim::seconds;
using sim::test::identifier;
using sim::test::make_application;
using sim::test::target;

constexpr std::uint32_t page_zero = 0x0800'0000;

class WindowTest : public testing::TestWithParam<const char*> {
  protected:
    std::size_t operations_in_page_zero(const Recording& recording) const {
        std::size_t count = 0;
        for (const FlashOperation& operation : recording.operations)
            count += operation.address < page_zero + on.page;
        return count;
    }
    const sim::test::Target& on = target(GetParam());
};

TEST_P(WindowTest, IsOneEraseAndTwoHalfWords) {
    const Recording recording = record(
        {.name = "window", .target = on, .old = make_application(on, 6000, 1), .next = make_application(on, 6000, 2)});
    ASSERT_TRUE(recording.boots);
    const auto& all = recording.operations;
    const auto erase = std::ranges::find_if(all, [](const FlashOperation& operation) {
        return operation.address == page_zero && operation.kind == FlashOperation::Kind::erase_page;
    });
    ASSERT_NE(erase, all.end());
    // Nothing has been done in page 0 before, and its erase comes when the other pages are done.
    for (auto at = all.begin(); at != erase; ++at)
        EXPECT_GE(at->address, page_zero + on.page);
    ASSERT_GE(all.end() - erase, 3);
    for (std::uint32_t i = 0; i < 2; ++i) {
        EXPECT_EQ(erase[1 + i].kind, FlashOperation::Kind::program);
        EXPECT_EQ(erase[1 + i].address, page_zero + 4 + 2 * i);
    }
    EXPECT_EQ(std::ranges::count_if(all,
                                    [](const FlashOperation& operation) {
                                        return operation.address == page_zero &&
                                               operation.kind == FlashOperation::Kind::erase_page;
                                    }),
              1);

    const sim::Time length = erase[2].at + sim::typical_flash.program - erase->at;
    std::cout << fmt::format("{}: window of 3 operations, {:.1f} us\n", on.name, seconds(length) * 1e6);
    const sim::Time needed = sim::typical_flash.erase + 2 * sim::typical_flash.program;
    EXPECT_GE(length, needed);
    EXPECT_LT(length, needed + 20 * sim::microsecond);
}

TEST_P(WindowTest, IsNotThereWhenPageZeroStaysAsItIs) {
    const auto old = make_application(on, 9000, 1);
    auto next = old;
    for (const std::size_t at : {on.page + 1U, 5000U, 8999U}) {
        next.bytes[at] = static_cast<std::uint8_t>(next.bytes[at] ^ 0x5A);
    }
    const Recording recording = record({.name = "no window", .target = on, .old = old, .next = next});
    ASSERT_TRUE(recording.boots);
    EXPECT_FALSE(recording.operations.empty());
    EXPECT_EQ(operations_in_page_zero(recording), 0U);
}

TEST_P(WindowTest, IsNotThereInAFirstInstallation) {
    // Page 0 of a new chip holds the bootloader's reset vector and is blank otherwise.
    const Recording recording =
        record({.name = "first", .target = on, .old = std::nullopt, .next = make_application(on, 6000, 2)});
    ASSERT_TRUE(recording.boots);
    EXPECT_GT(operations_in_page_zero(recording), 0U);
    for (const FlashOperation& operation : recording.operations) {
        EXPECT_FALSE(operation.kind == FlashOperation::Kind::erase_page && operation.address == page_zero);
    }
}

INSTANTIATE_TEST_SUITE_P(Layouts, WindowTest,
                         testing::Values("bluepill-high", "bluepill-high-128", "bttskrminie3v2-high-256"),
                         [](const auto& named) { return identifier(named.param); });

}  // namespace
}  // namespace powerfail
