// SPDX-License-Identifier: ISC
// What the LED tells: lit in DFU mode, flickers while flash is written, blinks fast where something went wrong.
#include <gtest/gtest.h>

#include "tests/sim/support/bench.hpp"

namespace sim::test {
namespace {

class LedTest : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        const Pin led = bench.board.wiring.led;
        bench.machine.on_pin_change(led, [this](Time when, Level) { changes.push_back(when); });
    }
    /// The longest time, from `begin` to now, in which the LED has not changed.
    Time longest_pause(Time begin) const {
        Time longest{}, last = begin;
        for (const Time when : changes) {
            longest = std::max(longest, when - last);
            last = when;
        }
        return std::max(longest, bench.machine.now() - last);
    }

    Bench bench{target(GetParam())};
    std::vector<Time> changes;
};

TEST_P(LedTest, IsLitInDfuModeWithAndWithoutAHost) {
    bench.start_dfu();
    bench.host.advance(500 * millisecond);
    EXPECT_TRUE(bench.machine.led_lit());
    bench.enumerate();
    changes.clear();
    bench.host.advance(2000 * millisecond);
    EXPECT_TRUE(bench.machine.led_lit());
    EXPECT_TRUE(changes.empty());
}

TEST_P(LedTest, FlickersWhileFlashIsWrittenAndIsLitAgainWhereTheHostGivesUp) {
    for (const bool blank : {true, false}) {
        SCOPED_TRACE(blank);
        bench.enter_dfu();
        const auto image = make_application(bench.target, 20 * 1024 + 700, blank ? 1 : 2);
        changes.clear();
        const Time begin = bench.machine.now();
        const auto report = bench.dfu.send_image(std::span(image.bytes).first(20 * 1024), 1024);
        ASSERT_TRUE(report);
        EXPECT_EQ(report->status, flasher::DfuStatus::ok);
        const std::size_t pages = 20 * 1024 / bench.target.page;
        EXPECT_GE(changes.size(), pages - 1) << "slower than the eye wants";
        EXPECT_LE(changes.size(), pages) << "faster than the eye sees";
        EXPECT_LT(longest_pause(begin), 150 * millisecond);
        bench.host.advance(500 * millisecond);
        EXPECT_TRUE(bench.machine.led_lit());
    }
}

TEST_P(LedTest, BlinksFastInDfuErrorUntilTheHostClearsIt) {
    bench.enter_dfu();
    EXPECT_EQ(bench.dfu.dnload(7, std::vector<std::uint8_t>(64)), TransferEnd::stall);
    bench.host.advance(400 * millisecond);  // it begins when the host has said nothing for a while
    changes.clear();
    const Time begin = bench.machine.now();
    bench.host.advance(1000 * millisecond);
    EXPECT_GE(changes.size(), 10U);
    EXPECT_LE(changes.size(), 24U);
    EXPECT_LT(longest_pause(begin), 100 * millisecond);
    EXPECT_EQ(bench.dfu.clear_status(), TransferEnd::ok);
    bench.host.advance(500 * millisecond);
    changes.clear();
    bench.host.advance(1000 * millisecond);
    EXPECT_TRUE(bench.machine.led_lit());
    EXPECT_TRUE(changes.empty());
}

INSTANTIATE_TEST_SUITE_P(Boards, LedTest,
                         testing::Values("bluepill", "bluepill-high-128", "maplemini", "bttskrminie3v2",
                                         "bttskrminie3v2-high-256"),
                         [](const auto& named) { return identifier(named.param); });

}  // namespace
}  // namespace sim::test
