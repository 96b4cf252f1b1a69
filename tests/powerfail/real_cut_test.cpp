// SPDX-License-Identifier: ISC
// That the sweep's replay is what happens: here the machine itself loses its power in the middle of an update over USB,
// at a sample of operations. What its flash then holds is compared with what the replay writes, and the board is
// powered on again as it is.
#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

#include "tests/powerfail/sweep.hpp"

namespace powerfail {
namespace {

using sim::FlashOperation;
using sim::PowerCut;
using sim::test::Bench;
using sim::test::Fate;
using sim::test::identifier;
using sim::test::make_application;
using sim::test::target;

constexpr std::uint32_t flash_base = 0x0800'0000;

class RealCutTest : public testing::TestWithParam<const char*> {
  protected:
    /// The flash after the first `count` recorded operations.
    std::vector<std::uint8_t> replayed(std::size_t count) const {
        auto flash = recording.before;
        for (std::size_t i = 0; i < count; ++i) {
            const FlashOperation& operation = recording.operations[i];
            const std::size_t at = operation.address - flash_base;
            if (operation.kind == FlashOperation::Kind::erase_page) {
                std::fill_n(flash.begin() + static_cast<std::ptrdiff_t>(at), scenario.target.page, std::uint8_t{0xFF});
            } else {
                flash[at] = static_cast<std::uint8_t>(operation.value);
                flash[at + 1] = static_cast<std::uint8_t>(operation.value >> 8);
            }
        }
        return flash;
    }

    /// An update over USB that loses power at operation `index`.
    std::unique_ptr<Bench> cut_update(std::size_t index, PowerCut cut) const {
        auto bench = std::make_unique<Bench>(scenario.target);
        bench->install(*scenario.old);
        bench->enter_dfu();
        bench->watch.cut_at(index, cut);
        EXPECT_THROW(
            {
                bench->client().download(scenario.next.bytes);
                if (bench->machine.powered()) ADD_FAILURE() << "the power has not failed";
                throw std::runtime_error("the device left as if all were well");
            },
            std::runtime_error);
        EXPECT_FALSE(bench->machine.powered());
        return bench;
    }

    void expect_safe(Bench& bench) const {
        const Fate fate = bench.power_cycle();
        if (fate == Fate::bootloader) {
            bench.enumerate();
            bench.client().download(scenario.next.bytes);
            EXPECT_TRUE(bench.boots(scenario.next));
            return;
        }
        ASSERT_EQ(fate, Fate::application);
        const bool old_whole = bench.running(*scenario.old) && bench.holds(*scenario.old);
        const bool new_whole = bench.running(scenario.next) && bench.holds(scenario.next);
        EXPECT_TRUE(old_whole || new_whole);
    }

    /// Operations of the start, of the end, and some between.
    std::vector<std::size_t> sample() const {
        const std::size_t count = recording.operations.size();
        std::vector<std::size_t> chosen{0, 1, 2, 3, 4, 5};
        for (std::size_t at = 6; at < count - 4; at += count / 12)
            chosen.push_back(at);
        for (std::size_t at = count - 4; at < count; ++at)
            chosen.push_back(at);
        return chosen;
    }

    /// In the high-memory layout the cut may leave the chip without start-up.
    bool in_window(std::size_t index) const {
        if (!scenario.target.high_memory) return false;
        for (std::size_t back = 0; back <= 4 && back <= index; ++back) {
            const FlashOperation& operation = recording.operations[index - back];
            if (operation.address == flash_base && operation.kind == FlashOperation::Kind::erase_page) return true;
        }
        return false;
    }

    const Scenario scenario{
        .name = "real cuts",
        .target = target(GetParam()),
        .old = make_application(target(GetParam()), 2500, 1),
        .next = make_application(target(GetParam()), 2700, 2),
    };
    const Recording recording = record(scenario);
};

TEST_P(RealCutTest, BeforeAndAfterAreWhatTheReplayWrites) {
    for (const std::size_t index : sample()) {
        for (const auto when : {PowerCut::When::before, PowerCut::When::after}) {
            SCOPED_TRACE(testing::Message() << "operation " << index);
            const auto bench = cut_update(index, {.when = when});
            const auto expected = replayed(index + (when == PowerCut::When::after ? 1 : 0));
            EXPECT_TRUE(std::ranges::equal(bench->machine.flash(), expected));
            if (!in_window(index)) expect_safe(*bench);
        }
    }
}

TEST_P(RealCutTest, InTheMiddleOnlyBitsThatWereToMoveHaveMoved) {
    std::size_t torn = 0;
    for (const std::size_t index : sample()) {
        for (const double fraction : {0.1, 0.6}) {
            SCOPED_TRACE(testing::Message() << "operation " << index);
            const auto bench = cut_update(index, {.when = PowerCut::When::during, .fraction = fraction, .seed = index});
            const auto before = replayed(index), after = replayed(index + 1);
            const auto flash = bench->machine.flash();
            bool between = true;
            for (std::size_t at = 0; at < flash.size(); ++at) {
                const unsigned strange = (flash[at] ^ before[at]) & ~(before[at] ^ after[at]) & 0xFF;
                between = between && strange == 0;
            }
            EXPECT_TRUE(between);
            torn += !std::ranges::equal(flash, before) && !std::ranges::equal(flash, after);
            if (!in_window(index)) expect_safe(*bench);
        }
    }
    EXPECT_GT(torn, 10U);  // the cuts do tear operations
}

INSTANTIATE_TEST_SUITE_P(Layouts, RealCutTest, testing::Values("bluepill", "bluepill-high", "bttskrminie3v2-high-256"),
                         [](const auto& named) { return identifier(named.param); });

}  // namespace
}  // namespace powerfail
