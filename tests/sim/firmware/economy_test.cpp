// SPDX-License-Identifier: ISC
// Touches only what changed, and tells the truth about time (bwPollTimeout, DFU 1.1 section 6.1.2).
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/sim/support/bench.hpp"

namespace sim::test {
namespace {

using flasher::DfuState;

class EconomyTest : public testing::TestWithParam<const char*> {
  protected:
    std::uint32_t page_of(std::uint32_t address) const { return address / bench.target.page * bench.target.page; }
    std::set<std::uint32_t> pages_touched() const {
        std::set<std::uint32_t> pages;
        for (const auto& operation : bench.watch.operations())
            pages.insert(page_of(operation.address));
        return pages;
    }
    std::set<std::uint32_t> pages_erased() const {
        std::set<std::uint32_t> pages;
        for (const auto& operation : bench.watch.operations())
            if (operation.kind == FlashOperation::Kind::erase_page) pages.insert(operation.address);
        return pages;
    }

    Bench bench{target(GetParam())};
    const Application image = make_application(bench.target, 9001, 2);
};

TEST_P(EconomyTest, BlankPagesAreNotErased) {
    bench.enter_dfu();
    bench.client().download(image.bytes);
    // High-memory: the record is opened in a blank page and has to be blank again.
    std::set<std::uint32_t> expected;
    if (bench.target.high_memory) expected.insert(bench.target.record());
    EXPECT_EQ(pages_erased(), expected);
    EXPECT_TRUE(bench.boots(image));
}

TEST_P(EconomyTest, PagesOfFFInTheImageAreNotProgrammed) {
    bench.enter_dfu();
    Application sparse = image;
    std::fill(sparse.bytes.begin() + 2048, sparse.bytes.begin() + 6144, std::uint8_t{0xFF});
    bench.client().download(sparse.bytes);
    for (const auto& operation : bench.watch.operations()) {
        const std::uint32_t offset = operation.address - bench.target.application;
        EXPECT_FALSE(offset >= 2048 && offset < 6144) << offset;
    }
    EXPECT_TRUE(bench.boots(sparse));
}

/// What is announced falls short of what the flash needs by less than a millisecond, the one in
/// which the host asks again and is kept waiting. The processor's own work comes on top: it is not
/// announced, and stays below another millisecond.
TEST_P(EconomyTest, PollTimeoutIsTrue) {
    for (const char* what : {"blank", "other", "one byte", "last byte", "short"}) {
        SCOPED_TRACE(what);
        Bench fresh(bench.target);
        Application sent = image;
        const std::string kind = what;
        if (kind == "other") fresh.install(make_application(bench.target, 9001, 1));
        if (kind == "one byte" || kind == "last byte") fresh.install(image);
        if (kind == "one byte") sent.bytes[5000] ^= 1;
        if (kind == "last byte") sent.bytes[9000] ^= 1;
        if (kind == "short") sent.bytes.resize(300);
        fresh.enter_dfu();

        std::size_t waits = 0;
        const auto check = [&](bool last) {
            const std::size_t first = fresh.watch.operations().size();
            const Time asked = fresh.host.now();
            const auto report = fresh.dfu.get_status();
            ASSERT_TRUE(report);
            const Time answered = fresh.host.now();
            if (last) {
                // Manifestation keeps the host waiting within its one request: not for long, and nothing comes after.
                EXPECT_EQ(report->state, DfuState::dfu_idle);
                EXPECT_EQ(report->poll_timeout.count(), 0);
                EXPECT_LT(answered - asked, 300 * millisecond);
                const std::size_t done = fresh.watch.operations().size();
                fresh.host.advance(100 * millisecond);
                EXPECT_EQ(fresh.watch.operations().size(), done);
                return;
            }
            if (report->state != DfuState::dfu_dnbusy) {
                EXPECT_EQ(fresh.watch.operations().size(), first);
                return;
            }
            ++waits;
            // The host gives the device all the time it wants, so that its end can be seen.
            fresh.host.advance(Time(report->poll_timeout) + 60 * millisecond);
            Time flash_time{}, done = answered;
            for (const auto& operation : std::span(fresh.watch.operations()).subspan(first)) {
                const Time takes =
                    operation.kind == FlashOperation::Kind::program ? typical_flash.program : typical_flash.erase;
                flash_time += takes;
                done = operation.at + takes;
            }
            const Time announced(report->poll_timeout);
            EXPECT_GT(announced, flash_time - millisecond);
            EXPECT_GE(announced, done - answered - 2 * millisecond);
            EXPECT_LE(announced, done - answered + 3 * millisecond);
        };
        const std::size_t size = bench.target.transfer_size;
        std::uint16_t block = 0;
        for (std::size_t at = 0; at < sent.bytes.size(); at += size) {
            ASSERT_EQ(
                fresh.dfu.dnload(block++, std::span(sent.bytes).subspan(at, std::min(size, sent.bytes.size() - at))),
                TransferEnd::ok);
            check(false);
            ASSERT_TRUE(fresh.dfu.settle());
        }
        ASSERT_EQ(fresh.dfu.dnload_end(block), TransferEnd::ok);
        check(true);
        // The last page waits for the end, and so does an image of no more than that.
        EXPECT_EQ(waits > 0, kind != "last byte" && kind != "short");
    }
}

INSTANTIATE_TEST_SUITE_P(Layouts, EconomyTest,
                         testing::Values("bluepill", "bttskrminie3v2", "bluepill-high", "bttskrminie3v2-high-256"),
                         [](const auto& named) { return identifier(named.param); });

}  // namespace
}  // namespace sim::test
