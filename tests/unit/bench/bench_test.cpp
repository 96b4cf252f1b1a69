// SPDX-License-Identifier: ISC
// Budgets must fail what is behind them, and the README's block must be replaced and nothing else.
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "bench/budgets.hpp"
#include "bench/build_size.hpp"
#include "bench/promises.hpp"
#include "bench/report.hpp"
#include "bench/scenario.hpp"
#include "tests/support/paths.hpp"

namespace bench {
namespace {

class BenchTest : public testing::Test {
  protected:
    std::filesystem::path file =
        std::filesystem::path(testing::TempDir()) /
        ("bench_" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));

    void write(const std::string& text) { std::ofstream(file, std::ios::binary) << text; }
    std::string read() {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void TearDown() override { std::filesystem::remove_all(file); }

    static std::vector<Section> one_figure(double value, bool measured = true) {
        return {{.title = "t",
                 .text = "",
                 .figures = {{.key = "a",
                              .title = "A",
                              .value = value,
                              .unit = "s",
                              .note = "",
                              .decimals = 2,
                              .measured = measured}},
                 .table = {}}};
    }
};

TEST_F(BenchTest, WhatIsBeyondItsBudgetIsABreach) {
    const Budget most[] = {{.key = "a", .most = 2, .least = {}, .goal = {}}};
    const Budget least[] = {{.key = "a", .most = {}, .least = 2, .goal = {}}};
    EXPECT_TRUE(breaches(one_figure(2), most).empty());
    EXPECT_EQ(breaches(one_figure(2.01), most).size(), 1U);
    EXPECT_TRUE(breaches(one_figure(2), least).empty());
    EXPECT_EQ(breaches(one_figure(1.99), least).size(), 1U);
    EXPECT_TRUE(breaches(one_figure(9, false), most).empty());
}

TEST_F(BenchTest, ABudgetThatGuardsNothingIsABreach) {
    const Budget missing[] = {{.key = "a", .most = 2, .least = {}, .goal = {}}};
    EXPECT_EQ(breaches({}, missing).size(), 1U);
    const Budget limitless[] = {{.key = "a", .most = {}, .least = {}, .goal = 1}};
    EXPECT_EQ(breaches(one_figure(1), limitless).size(), 1U);
}

TEST_F(BenchTest, TheBlockIsReplacedAndNothingElse) {
    write("before\n<!-- bench:begin -->\nold\nolder\n<!-- bench:end -->\nafter\n");
    rewrite_block(file, "new\n");
    EXPECT_EQ(read(), "before\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\nafter\n");
}

TEST_F(BenchTest, WithoutItsBlockAFileStaysAsItIs) {
    for (const std::string text : {"nothing\n", "<!-- bench:begin -->\n", "<!-- bench:end -->\n<!-- bench:begin -->\n",
                                   "<!-- bench:begin -->\n<!-- bench:begin -->\n<!-- bench:end -->\n"}) {
        write(text);
        EXPECT_THROW(rewrite_block(file, "new\n"), std::runtime_error);
        EXPECT_EQ(read(), text);
    }
}

TEST_F(BenchTest, AMissedGoalIsShown) {
    const Budget budgets[] = {{.key = "a", .most = 3, .least = {}, .goal = 2}};
    EXPECT_NE(as_markdown(one_figure(2.5), budgets).find("| A | 2.50 s | ≤ 2 (missed) |"), std::string::npos);
    EXPECT_NE(as_markdown(one_figure(1.5), budgets).find("| A | 1.50 s | ≤ 2 |"), std::string::npos);
}

TEST_F(BenchTest, SizesOfABuildAreThoseOfItsSections) {
    const auto size = size_of_build(test_paths::firmware("dapboot-bluepill.elf"));
    const auto image = std::filesystem::file_size(test_paths::firmware("dapboot-bluepill.bin"));
    EXPECT_EQ(size.flash, image);
    // The vectors and the descriptors at least, which are a tenth of it.
    EXPECT_GT(size.constants, size.flash / 10);
    EXPECT_LT(size.constants, size.flash / 4);
    EXPECT_GT(size.ram, 1'024U);
    EXPECT_EQ(size.ram_end(), 0x2000'0000 + size.ram);
    EXPECT_EQ(size.stack_top(), 0x2000'1800U);
}

TEST_F(BenchTest, ASizeThatTheBuildDidNotWriteIsNotGuessed) {
    file += ".size";
    EXPECT_THROW(static_cast<void>(size_of_build(file)), std::runtime_error);  // there is no such file
    write("flash 3000\nram 4424\nram_limit 6144\n");
    EXPECT_THROW(static_cast<void>(size_of_build(file)), std::runtime_error);  // it has no constants
    write("flash 3000\nconstants 436\nram 4424\nram_limit 6144\n");
    EXPECT_EQ(size_of_build(file).constants, 436U);
}

TEST_F(BenchTest, WhatKeepsEachPromiseStandsInItsFileOnce) {
    for (const auto& promise : promises()) {
        std::filesystem::create_directory(file);
        std::filesystem::copy(test_paths::source("src"), file / "src", std::filesystem::copy_options::recursive);
        EXPECT_NO_THROW(take_out(promise, file)) << promise.name;
        std::filesystem::remove_all(file);
    }
}

TEST_F(BenchTest, APromiseWhoseLinesAreNotThereIsNotMeasured) {
    std::filesystem::create_directory(file);
    std::ofstream(file / "once.hpp") << "kept, and kept";
    const auto promise = [](std::string_view kept) {
        return Promise{.name = "p", .title = "", .edits = {{"once.hpp", kept, "broken"}}};
    };
    EXPECT_THROW(take_out(promise("forgotten"), file), std::runtime_error);
    EXPECT_THROW(take_out(promise("kept"), file), std::runtime_error) << "which of the two?";
    EXPECT_NO_THROW(take_out(promise("and kept"), file));
    EXPECT_THROW(take_out(promise("and kept"), file), std::runtime_error) << "it is gone";
}

TEST_F(BenchTest, RandomApplicationsRunAndCannotBeSkipped) {
    const auto one = random_application(4'096, 0x0800'2000, 1);
    EXPECT_EQ(one, random_application(4'096, 0x0800'2000, 1));
    EXPECT_NE(one, random_application(4'096, 0x0800'2000, 2));
    for (std::size_t i = 0x80; i < one.size(); i += 2)
        ASSERT_FALSE(one[i] == 0xFF && one[i + 1] == 0xFF) << i;
    EXPECT_EQ(one[5], 0x21);  // reset vector 0x08002101
}

}  // namespace
}  // namespace bench
