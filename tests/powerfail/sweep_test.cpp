// SPDX-License-Identifier: ISC
// The sweep over all layouts and kinds of update.
#include "tests/powerfail/sweep.hpp"

#include <gtest/gtest.h>

namespace powerfail {
namespace {

using sim::test::Application;
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

/// Applications, chips and sessions that ask more of an update than others: one of each layout.
class HardCaseSweepTest : public testing::TestWithParam<const char*> {
  protected:
    static void put_word(Application& application, std::size_t at, std::uint32_t word) {
        for (std::size_t i = 0; i < 4; ++i)
            application.bytes[at + i] = static_cast<std::uint8_t>(word >> 8 * i);
    }
    /// Three pages, of which few cuts are enough.
    Scenario scenario(const std::string& name) const {
        return {.name = on.name + " " + name,
                .target = on,
                .old = make_application(on, 3 * on.page - 500, 1),
                .next = make_application(on, 3 * on.page - 700, 2),
                .halves = 2,
                .downloads = 10};
    }
    const Target& on = target(GetParam());
};

/// As of FreeRTOS and ThreadX, which reload MSP from the vector table.
TEST_P(HardCaseSweepTest, AnInitialStackOfItsOwn) {
    auto made = scenario("own initial stack");
    put_word(*made.old, 0, 0x2000'4F00);
    put_word(made.next, 0, 0x2000'3008);
    expect_whole_everywhere(made);
}

/// As of Zephyr, ChibiOS and NuttX.
TEST_P(HardCaseSweepTest, ReservedVectorsThatAreFilled) {
    auto made = scenario("reserved vectors filled");
    for (const std::size_t vector : {7U, 8U, 9U, 10U, 13U}) {
        put_word(*made.old, 4 * vector, on.application + 0x151);
        put_word(made.next, 4 * vector, on.application + 0x171);
    }
    expect_whole_everywhere(made);
}

/// The session that finds an update open erases every page that it writes.
TEST_P(HardCaseSweepTest, AnUpdateThatWasCutBefore) {
    auto made = scenario("cut before");
    made.left_open = {.old = *made.old, .next = made.next, .after = 1000};
    made.old.reset();
    expect_whole_everywhere(made);
}

TEST_P(HardCaseSweepTest, AReadProtectedChip) {
    auto made = scenario("read protected");
    made.read_protected = true;
    if (!on.high_memory) return expect_whole_everywhere(made);
    // Refused before anything has changed: there is no operation at which a cut could do harm.
    const Recording recording = record(made);
    EXPECT_EQ(recording.refused, flasher::DfuStatus::err_write);
    EXPECT_TRUE(recording.boots);
    const Tally tally = sweep(made, recording);
    report(Part::sweep, made, tally);
    EXPECT_EQ(tally.operations, 0U);
    EXPECT_EQ(tally.other, 0U) << tally.first_other;
}

INSTANTIATE_TEST_SUITE_P(Layouts, HardCaseSweepTest, testing::Values("bluepill", "bluepill-high"),
                         [](const auto& named) { return identifier(named.param); });

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
