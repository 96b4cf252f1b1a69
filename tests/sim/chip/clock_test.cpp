// SPDX-License-Identifier: ISC
// Cycles and time, into each other and back, however long a board has been running.
#include "sim/chip/clock.hpp"

#include <gtest/gtest.h>

namespace {

using sim::Time;
using sim::chip::CycleClock;

constexpr Time second{1'000'000'000'000};

TEST(CycleClock, GoesOnAfterHoursAtOneFrequency) {
    for (const std::uint32_t hz : {8'000'000u, 48'000'000u, 72'000'000u}) {
        CycleClock clock;
        clock.set_hz(hz);
        for (const std::int64_t seconds : {1, 999, 1000, 1001, 3600, 86'400, 1'000'000}) {
            clock.skip_to(seconds * second);
            EXPECT_GE(clock.now(), seconds * second) << hz << " Hz";
            EXPECT_LT(clock.now(), seconds * second + second / 1000) << hz << " Hz";
        }
    }
}

TEST(CycleClock, NeverIsACountThatIsNotReached) {
    CycleClock clock;
    clock.set_hz(128'000'000);
    clock.skip_to(1000 * second);
    EXPECT_GT(clock.cycles_at(sim::never), clock.cycles_at(1'000'000 * second));
}

}  // namespace
