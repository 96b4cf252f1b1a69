// SPDX-License-Identifier: ISC
// That the sweep finds what it is there to find: bootloaders with one mechanism turned off (mutants.cmake) must fail
// it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/powerfail/sweep.hpp"
#include "tests/support/paths.hpp"

namespace powerfail {
namespace {

using sim::test::Bench;
using sim::test::make_application;
using sim::test::target;

std::filesystem::path mutant(const std::string& name) {
    return test_paths::built("tests/powerfail/mutants/dapboot-" + name + ".elf");
}

struct Mutant {
    const char* name;
    const char* target;
};

class PowerfailMutants : public testing::TestWithParam<Mutant> {};

TEST_P(PowerfailMutants, IsFound) {
    const auto& on = target(GetParam().target);
    const Scenario scenario{.name = GetParam().name,
                            .target = on,
                            .old = make_application(on, 5000, 1),
                            .next = make_application(on, 5000, 2),
                            .halves = 1,
                            .downloads = 1,
                            .firmware = mutant(GetParam().name)};
    const Recording recording = record(scenario);
    ASSERT_TRUE(recording.boots);  // the mutant is a working bootloader as long as the power stays
    const Tally tally = sweep(scenario, recording);
    report(Part::mutants, scenario, tally);
    EXPECT_GT(tally.other, 0U);
}

INSTANTIATE_TEST_SUITE_P(All, PowerfailMutants,
                         testing::Values(Mutant{"vectors-first-bluepill", "bluepill"},
                                         Mutant{"stack-first-bluepill", "bluepill"},
                                         Mutant{"not-invalidated-bluepill", "bluepill"},
                                         Mutant{"not-invalidated-bluepill-high", "bluepill-high"},
                                         Mutant{"record-ignored-bluepill-high", "bluepill-high"}),
                         [](const auto& named) { return sim::test::identifier(named.param.name); });

class PowerfailSizeMutants : public testing::TestWithParam<Mutant> {
  protected:
    /// Sends an image that is too long. How often was something out of range touched?
    static std::size_t trespasses(const std::filesystem::path& firmware) {
        const auto& on = target(GetParam().target);
        // A part with flash behind what the bootloader may use: without it a chip that is asked to read there faults,
        // and resets before it has written anything.
        auto board = on.make_board();
        board.chip.flash_bytes += 4 * on.page;
        Bench bench(on, board, {}, firmware);
        bench.enter_dfu();
        // Larger than what an application may use, of which only the end matters.
        const auto large = make_application(on, on.capacity() + 2 * on.page, 5);
        const std::size_t installed = on.capacity() - 4 * on.page;
        auto start = large;
        start.bytes.resize(installed);
        bench.install(start);
        try {
            static_cast<void>(bench.dfu.send_image(large.bytes, on.page));
        } catch (const sim::MachineError&) {
            return bench.watch.trespasses().size() + 1;  // an erase behind the end of the flash
        }
        return bench.watch.trespasses().size() + (bench.bootloader_is_whole() ? 0 : 1);
    }
};

TEST_P(PowerfailSizeMutants, WritesOutOfRangeAndTheWatchSeesIt) {
    const std::size_t found = trespasses(mutant(GetParam().name));
    EXPECT_GT(found, 0U);
    EXPECT_EQ(trespasses({}), 0U);  // the real one does not
    report(GetParam().name, fmt::format("{}: {} flash operations out of range, of an image that is "
                                        "too long; the real one: 0\n",
                                        GetParam().name, found));
}

INSTANTIATE_TEST_SUITE_P(All, PowerfailSizeMutants,
                         testing::Values(Mutant{"size-unchecked-bluepill", "bluepill"},
                                         Mutant{"size-unchecked-bluepill-high", "bluepill-high"}),
                         [](const auto& named) { return sim::test::identifier(named.param.name); });

}  // namespace
}  // namespace powerfail
