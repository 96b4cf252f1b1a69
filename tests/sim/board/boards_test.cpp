// SPDX-License-Identifier: ISC
// The table of boards.
#include "sim/board/boards.hpp"

#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

namespace sim::test {
namespace {

TEST(Boards, HaveUniqueNamesThatMatchTheirWiring) {
    std::set<std::string> ids;
    for (const auto& board : boards()) {
        EXPECT_TRUE(ids.insert(board.id).second) << board.id;
        EXPECT_EQ(board.id, board.wiring.name);
        EXPECT_EQ(find_board(board.id), &board);
    }
    EXPECT_EQ(ids.size(), 8U);
    EXPECT_EQ(find_board("no such board"), nullptr);
}

TEST(Boards, FlashSizeBringsItsPages) {
    EXPECT_EQ(with_flash_size(stm32f103c8, 128).page_bytes, 1'024U);
    EXPECT_EQ(with_flash_size(stm32f103c8, 256).page_bytes, 2'048U);
    EXPECT_EQ(with_flash_size(stm32f103c8, 256).flash_bytes, 262'144U);
    EXPECT_THROW(static_cast<void>(with_flash_size(stm32f103c8, 96)), std::invalid_argument);
}

}  // namespace
}  // namespace sim::test
