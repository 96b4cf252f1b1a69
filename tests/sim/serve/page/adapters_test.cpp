// SPDX-License-Identifier: ISC
// A blank board with its adapters, used as a page uses it, message by message.
#include "sim/serve/page/adapters.hpp"

#include <regex>
#include <string>

#include <gtest/gtest.h>

#include "sim/board/boards.hpp"
#include "tests/sim/serve/page/page.hpp"

namespace {

using page_test::contains;
using page_test::Page;
using page_test::SharedBoard;

sim::MachineOptions with_probe() {
    sim::MachineOptions options;
    options.probe_may_attach = true;
    return options;
}

/// The bytes of all the serial events in this text.
std::string digits_in(const std::string& text) {
    static const std::regex data("\"data\":\"([0-9a-f]*)\"");
    std::string digits;
    for (std::sregex_iterator one(text.begin(), text.end(), data), end; one != end; ++one)
        digits += (*one)[1];
    return digits;
}

class AdaptersTest : public testing::Test {
  protected:
    SharedBoard shared_{{.board = *sim::find_board("bluepill"), .options = with_probe(), .load = [](sim::Machine&) {}},
                        1,
                        "New virtual Blue Pill",
                        true};
    Page page_{shared_};
};

TEST_F(AdaptersTest, OpeningTheLineStartsTheLoaderOfTheRom) {
    EXPECT_TRUE(contains(page_.say(R"({"id":1,"do":"serial-open","baud":115200})"), R"("result":"ok")"));
    EXPECT_TRUE(contains(page_.say(R"({"id":2,"do":"serial-write","data":"7f"})"), R"("result":"ok")"));
    EXPECT_EQ(page_.hears("79"), R"({"event":"serial","data":"79"})");
    // Get ID (AN3155 3.3): ACK, how many bytes less one, the id of a medium-density chip, ACK.
    EXPECT_TRUE(contains(page_.say(R"({"id":3,"do":"serial-write","data":"02fd"})"), R"("result":"ok")"));
    std::string answer;
    while (answer.size() < 10) {
        const auto more = digits_in(page_.hears("data"));
        ASSERT_NE(more, "") << "after " << answer;
        answer += more;
    }
    EXPECT_EQ(answer, "7901041079");
}

TEST_F(AdaptersTest, AClosedLineStartsTheProgramInFlashAndSaysNothing) {
    EXPECT_TRUE(contains(page_.say(R"({"id":1,"do":"serial-open","baud":115200})"), R"("result":"ok")"));
    EXPECT_TRUE(contains(page_.say(R"({"id":2,"do":"serial-close"})"), R"("result":"ok")"));
    EXPECT_TRUE(contains(page_.say(R"({"id":3,"do":"serial-write","data":"7f"})"), "busy"));
    shared_.board.between_frames([](sim::serve::ServedBoard& board) {
        EXPECT_FALSE(board.machine().in_system_loader());
        EXPECT_EQ(board.machine().boot0(), sim::Level::low);
    });
}

TEST_F(AdaptersTest, TheProbeTellsItsVersionAndTheChip) {
    EXPECT_TRUE(contains(page_.say(R"({"id":1,"do":"probe-open"})"), R"("result":"ok")"));
    EXPECT_TRUE(contains(page_.say(R"({"id":2,"do":"probe-receive","length":6})"), "timeout"));  // nothing was asked
    EXPECT_TRUE(contains(page_.say(R"({"id":3,"do":"probe-send","data":"f1"})"), R"("result":"ok")"));
    EXPECT_TRUE(contains(page_.say(R"({"id":4,"do":"probe-receive","length":6})"), R"("data":"294783044837")"));
    EXPECT_TRUE(contains(page_.say(R"({"id":5,"do":"probe-send","data":"f230a3"})"), R"("result":"ok")"));
    EXPECT_TRUE(contains(page_.say(R"({"id":6,"do":"probe-receive","length":2})"), R"("data":"8000")"));
    EXPECT_TRUE(contains(page_.say(R"({"id":7,"do":"probe-send","data":"f222"})"), R"("result":"ok")"));
    EXPECT_TRUE(contains(page_.say(R"({"id":8,"do":"probe-receive","length":4})"), R"("data":"7714a01b")"));
}

TEST_F(AdaptersTest, OnePageAtATime) {
    {
        Page other(shared_);
        EXPECT_TRUE(contains(other.say(R"({"id":1,"do":"serial-open","baud":115200})"), R"("result":"ok")"));
        EXPECT_TRUE(contains(page_.say(R"({"id":1,"do":"probe-open"})"), "busy"));
        EXPECT_TRUE(contains(page_.say(R"({"id":2,"do":"serial-close"})"), R"("result":"ok")"));  // not its own
        EXPECT_TRUE(contains(other.say(R"({"id":2,"do":"serial-write","data":"7f"})"), R"("result":"ok")"));
        EXPECT_EQ(other.hears("79"), R"({"event":"serial","data":"79"})");
    }
    EXPECT_TRUE(contains(page_.say(R"({"id":3,"do":"probe-open"})"), R"("result":"ok")"));
}

TEST_F(AdaptersTest, NonsenseIsRefusedInWords) {
    EXPECT_TRUE(contains(page_.say(R"({"id":1,"do":"serial-open"})"), "baud"));
    for (const char* message : {R"({"id":2,"do":"serial-fly"})", R"({"id":2,"do":"probe-fly"})"})
        EXPECT_TRUE(contains(page_.say(message), R"("result":"failed")")) << message;
    std::string flood = R"({"id":3,"do":"serial-write","data":")";
    flood.append(2 * 0xffff, '0');
    EXPECT_TRUE(contains(page_.say(R"({"id":2,"do":"serial-open","baud":1200})"), R"("result":"ok")"));
    EXPECT_TRUE(contains(page_.say(flood + "\"}"), R"("result":"ok")"));
    EXPECT_TRUE(contains(page_.say(flood + "\"}"), "more is waiting"));
}

TEST(AdaptersOfNone, ABoardWithABootloaderHasNone) {
    SharedBoard shared{{.board = *sim::find_board("bluepill"), .load = [](sim::Machine&) {}}, 1, "Board"};
    Page page(shared);
    EXPECT_TRUE(contains(page.say(R"({"id":1,"do":"probe-open"})"), "no adapters"));
}

}  // namespace
