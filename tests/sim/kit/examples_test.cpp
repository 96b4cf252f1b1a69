// SPDX-License-Identifier: ISC
// The examples that blink, each as it does something that bootloaders have spoiled: installed over DFU by the real
// bootloader, in both layouts, and watched. The machine is pedantic: a wrong access to the chip ends a test.
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "flasher/image.hpp"
#include "tests/sim/support/bench.hpp"
#include "tests/support/paths.hpp"

namespace sim::test {
namespace {

/// Downloads an example of the kit into the bootloader that is on the bus.
void install(Bench& bench, const std::string& example) {
    const auto image = flasher::load_image(test_paths::firmware(example + "-" + bench.target.name + ".bin"));
    ASSERT_EQ(bench.client().download(image.bytes), flasher::Ending::left);
}

/// How often the LED changes in the time.
int blinks(Machine& machine, Time time) {
    int changes = 0;
    bool lit = machine.led_lit();
    const Time end = machine.now() + time;
    while (machine.now() < end) {
        machine.run_for(10 * millisecond);
        changes += machine.led_lit() != lit ? 1 : 0;
        lit = machine.led_lit();
    }
    return changes;
}

class Blinking : public testing::TestWithParam<std::tuple<const char*, const char*>> {};
INSTANTIATE_TEST_SUITE_P(Kit, Blinking,
                         testing::Combine(testing::Values("blinky", "ram-vectors", "scheduler", "watchdog"),
                                          testing::Values("bluepill", "bluepill-high")),
                         [](const auto& one) {
                             return identifier(std::get<0>(one.param)) + "_" + identifier(std::get<1>(one.param));
                         });

TEST_P(Blinking, OnceASecondAndAgainAfterAReset) {
    Bench bench{target(std::get<1>(GetParam()))};
    bench.enter_dfu();
    ASSERT_NO_FATAL_FAILURE(install(bench, std::get<0>(GetParam())));
    bench.machine.run_for(500 * millisecond);
    EXPECT_EQ(blinks(bench.machine, 4000 * millisecond), 4);
    bench.machine.reset();
    bench.machine.run_for(500 * millisecond);
    EXPECT_EQ(blinks(bench.machine, 4000 * millisecond), 4);
}

TEST(Watchdog, ResetsWhatHangs) {
    Bench bench{target("bluepill")};
    bench.enter_dfu();
    ASSERT_NO_FATAL_FAILURE(install(bench, "watchdog"));
    bench.machine.run_for(500 * millisecond);
    ASSERT_GE(blinks(bench.machine, 3000 * millisecond), 2);
    const auto resets = bench.machine.counters().resets;
    bench.machine.drive_pin({'B', 12}, Level::low);
    bench.machine.run_for(3000 * millisecond);
    EXPECT_EQ(bench.machine.counters().resets, resets + 1);
    EXPECT_EQ(bench.machine.last_reset(), ResetCause::independent_watchdog);
    bench.machine.drive_pin({'B', 12}, Level::high);
    EXPECT_GE(blinks(bench.machine, 3000 * millisecond), 2);
}

}  // namespace
}  // namespace sim::test
