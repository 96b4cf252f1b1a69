// SPDX-License-Identifier: ISC
// What somebody meant to write.
#include "flasher/terminal/nearest.hpp"

#include <gtest/gtest.h>

namespace flasher::terminal {
namespace {

const std::vector<std::string> commands{"list", "flash", "read"};

TEST(Nearest, IsAtMostTwoLettersAway) {
    EXPECT_EQ(suggestion("flsh", commands), ", did you mean 'flash'?");
    EXPECT_EQ(suggestion("FLASH", commands), ", did you mean 'flash'?");
    EXPECT_EQ(suggestion("fhlash", commands), ", did you mean 'flash'?");
    EXPECT_EQ(suggestion("lst", commands), ", did you mean 'list'?");
    EXPECT_EQ(suggestion("reset", commands), "");
    EXPECT_EQ(suggestion("list", {}), "");
}

TEST(UnknownCommand, IsNamedWithAllThatThereAre) {
    EXPECT_EQ(unknown_command("flsh", commands),
              "there is no command 'flsh', did you mean 'flash'?; choose one of: list flash read");
    EXPECT_EQ(unknown_command("burn", commands), "there is no command 'burn'; choose one of: list flash read");
    for (const auto* word : {"", "flash", "--help", "-h"})
        EXPECT_EQ(unknown_command(word, commands), "") << word;
}

}  // namespace
}  // namespace flasher::terminal
