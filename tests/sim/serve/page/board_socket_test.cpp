// SPDX-License-Identifier: ISC
// A living board with the true bootloader, used as a page uses it, message by message.
#include "sim/serve/page/board_socket.hpp"

#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "sim/board/boards.hpp"
#include "tests/sim/serve/page/page.hpp"
#include "tests/support/paths.hpp"

namespace {

using namespace std::chrono_literals;
using page_test::BoardState;
using page_test::contains;
using page_test::Page;
using page_test::SharedBoard;

const std::string firmware = test_paths::firmware("dapboot-bluepill.elf");

class BoardSocketTest : public testing::Test {
  protected:
    SharedBoard shared_{
        {.board = *sim::find_board("bluepill"), .load = [](sim::Machine& machine) { machine.load(firmware); }},
        1,
        "Virtual Blue Pill"};
    Page page_{shared_};
};

TEST_F(BoardSocketTest, TheBootloaderAttachesAndAnswers) {
    ASSERT_TRUE(page_.attached());
    EXPECT_TRUE(contains(page_.say(R"({"id":1,"do":"open"})"), R"("id":1,"result":"ok")"));
    const auto device = page_.say(R"({"id":2,"do":"control-in","setup":[128,6,256,0],"length":18})");
    EXPECT_TRUE(contains(device, R"("result":"ok","data":"1201)")) << device;
    const auto status = page_.say(R"({"id":3,"do":"control-in","setup":[161,3,0,0],"length":6})");
    EXPECT_TRUE(contains(status, R"("data":"000000000200")")) << status;  // OK, dfuIDLE
    EXPECT_TRUE(contains(page_.say(R"({"id":4,"do":"control-in","setup":[161,99,0,0],"length":6})"), "stall"));
}

TEST_F(BoardSocketTest, OnePageAtATime) {
    Page other(shared_);
    ASSERT_TRUE(page_.attached());
    ASSERT_TRUE(other.attached());
    const std::string open = R"({"id":1,"do":"open"})";
    const std::string ask = R"({"id":2,"do":"control-in","setup":[161,3,0,0],"length":6})";
    EXPECT_TRUE(contains(page_.say(ask), "busy"));  // not opened yet
    EXPECT_TRUE(contains(page_.say(open), "ok"));
    EXPECT_TRUE(contains(other.say(open), "busy"));
    EXPECT_TRUE(contains(other.say(ask), "busy"));
    EXPECT_TRUE(contains(page_.say(R"({"id":3,"do":"close"})"), "ok"));
    EXPECT_TRUE(contains(other.say(open), "ok"));
}

TEST_F(BoardSocketTest, APageThatEndsGivesTheDeviceBack) {
    ASSERT_TRUE(page_.attached());
    {
        Page other(shared_);
        ASSERT_TRUE(other.attached());
        EXPECT_TRUE(contains(other.say(R"({"id":1,"do":"open"})"), "ok"));
    }
    EXPECT_TRUE(contains(page_.say(R"({"id":1,"do":"open"})"), "ok"));
}

TEST_F(BoardSocketTest, ThePowerGoesAndTheDeviceIsAnother) {
    ASSERT_TRUE(page_.attached());
    EXPECT_TRUE(contains(page_.say(R"({"id":1,"do":"open"})"), "ok"));
    const unsigned before = page_.attachment();
    EXPECT_TRUE(contains(page_.say(R"({"id":2,"do":"power","value":false})"), "ok"));
    ASSERT_TRUE(page_.becomes([](const BoardState& state) { return !state.powered && !state.device; }));
    EXPECT_TRUE(contains(page_.say(R"({"id":3,"do":"control-in","setup":[161,3,0,0],"length":6})"), "gone"));
    EXPECT_TRUE(contains(page_.say(R"({"id":4,"do":"power","value":true})"), "ok"));
    ASSERT_TRUE(page_.attached());
    EXPECT_NE(page_.attachment(), before);
    // The old opening must not reach the new device.
    EXPECT_TRUE(contains(page_.say(R"({"id":5,"do":"control-in","setup":[161,3,0,0],"length":6})"), "gone"));
    EXPECT_TRUE(contains(page_.say(R"({"id":6,"do":"open"})"), "ok"));
    EXPECT_TRUE(contains(page_.say(R"({"id":7,"do":"control-in","setup":[161,3,0,0],"length":6})"), "000000000200"));
}

TEST_F(BoardSocketTest, ABusResetLeavesTheBootloaderWhereItIs) {
    ASSERT_TRUE(page_.attached());
    EXPECT_TRUE(contains(page_.say(R"({"id":1,"do":"open"})"), "ok"));
    EXPECT_TRUE(contains(page_.say(R"({"id":2,"do":"bus-reset"})"), R"("result":"ok")"));
    EXPECT_TRUE(contains(page_.say(R"({"id":3,"do":"control-in","setup":[161,3,0,0],"length":6})"), "000000000200"));
}

TEST_F(BoardSocketTest, NonsenseIsRefusedInWordsAndHurtsNobody) {
    ASSERT_TRUE(page_.attached());
    EXPECT_TRUE(contains(page_.say(R"({"id":1,"do":"open"})"), "ok"));
    for (const char* message :
         {"", "nonsense", R"({"id":1,"do":"fly"})", R"({"id":1,"do":"boot1"})",
          R"({"id":1,"do":"control-in","length":6})", R"({"id":1,"do":"control-in","setup":[33,1,0,0],"length":6})",
          R"({"id":1,"do":"control-out","setup":[161,1,0,0]})"})
        EXPECT_TRUE(contains(page_.say(message), R"("result":"failed")")) << message;
    EXPECT_TRUE(contains(page_.say(R"({"id":2,"do":"control-in","setup":[161,3,0,0],"length":6})"), "ok"));
}

TEST_F(BoardSocketTest, TimeIsPacedToTheWallClock) {
    ASSERT_TRUE(page_.attached());
    // The LED of the bootloader or the next change brings a new state; the jumper surely does.
    sim::Time from{};
    ASSERT_TRUE(page_.becomes([&](const BoardState& state) {
        from = state.time;
        return true;
    }));
    const auto wall = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(500ms);
    EXPECT_TRUE(contains(page_.say(R"({"id":1,"do":"boot1","value":true})"), "ok"));
    sim::Time to{};
    ASSERT_TRUE(page_.becomes([&](const BoardState& state) {
        to = state.time;
        return state.button;
    }));
    const double real = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count();
    // A loaded machine runs late, never early.
    EXPECT_GT(sim::seconds(to - from), 0.0);
    EXPECT_LT(sim::seconds(to - from), real + 0.25);
}

}  // namespace
