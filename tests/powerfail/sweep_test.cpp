// SPDX-License-Identifier: ISC
// The sweep over all layouts and kinds of update.
#include "tests/powerfail/sweep.hpp"

#include <gtest/gtest.h>

namespace powerfail {
namespace {

using sim::test::identifier;
using sim::test::make_application;
using sim::test::Target;
using sim::test::target;

struct Kind {
    const char* name;
    std::size_t old_size;  ///< 0: nothing installed.
    std::size_t new_size;
    bool same_seed;
};
// Sizes in bytes: one to nine pages.
constexpr Kind kinds[] = {
    {"first-install", 0, 5000, false}, {"update", 6144, 6144, false}, {"identical", 6000, 6000, true},
    {"one-byte", 6000, 6000, true},    {"shrink", 9000, 3000, false}, {"grow", 3000, 9000, false},
    {"odd-length", 4001, 5003, false},
};
constexpr const char* layouts[] = {"bluepill",      "maplemini",         "bttskrminie3v2",
                                   "bluepill-high", "bluepill-high-128", "bttskrminie3v2-high-256"};

Scenario make_scenario(const Target& on, const Kind& kind) {
    Scenario made{.name = on.name + " " + kind.name,
                  .target = on,
                  .old = std::nullopt,
                  .next = make_application(on, kind.new_size, 2)};
    if (kind.old_size != 0) made.old = make_application(on, kind.old_size, kind.same_seed ? 2 : 1);
    if (kind.name == std::string("one-byte")) made.next.bytes[kind.new_size - 700] ^= 0x10;
    return made;
}

void expect_whole_everywhere(const Scenario& scenario) {
    const Recording recording = record(scenario);
    ASSERT_TRUE(recording.boots);
    EXPECT_TRUE(recording.trespasses.empty());
    const Tally tally = sweep(scenario, recording);
    report(Part::sweep, scenario, tally);
    EXPECT_EQ(tally.other, 0U) << tally.first_other;
    EXPECT_EQ(tally.cuts, tally.operations * (2 + scenario.halves));
    EXPECT_EQ(tally.cuts, tally.old_whole + tally.new_whole + tally.bootloader + tally.dark);
    EXPECT_TRUE(scenario.target.high_memory || tally.dark == 0);
    const bool identical = scenario.old && scenario.old->bytes == scenario.next.bytes;
    EXPECT_EQ(tally.operations == 0, identical);
    if (identical) return;
    EXPECT_GT(tally.bootloader, 0U);
    EXPECT_GT(tally.new_whole, 0U);
    EXPECT_GT(tally.downloads, 0U);
    EXPECT_EQ(tally.old_whole > 0, scenario.old.has_value());
}

class SweepTest : public testing::TestWithParam<std::tuple<const char*, Kind>> {};

TEST_P(SweepTest, OldWholeOrNewWholeOrBootloader) {
    const auto& [layout, kind] = GetParam();
    expect_whole_everywhere(make_scenario(target(layout), kind));
}

INSTANTIATE_TEST_SUITE_P(All, SweepTest, testing::Combine(testing::ValuesIn(layouts), testing::ValuesIn(kinds)),
                         [](const auto& named) {
                             return identifier(std::string(std::get<0>(named.param)) + "_" +
                                               std::get<1>(named.param).name);
                         });

TEST(LargeSweepTest, FortyKilobytes) {
    const Target& on = target("bluepill");
    expect_whole_everywhere({.name = "bluepill 40 KiB",
                             .target = on,
                             .old = make_application(on, 40960, 1),
                             .next = make_application(on, 40960, 2),
                             .halves = 2});
}

}  // namespace
}  // namespace powerfail
