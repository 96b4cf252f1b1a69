// SPDX-License-Identifier: ISC
// Lines that are too long for a terminal.
#include "flasher/terminal/wrapped.hpp"

#include <gtest/gtest.h>

namespace flasher::terminal {
namespace {

TEST(Wrapped, BreaksBetweenWordsAndIndentsTheRest) {
    EXPECT_EQ(wrapped("one two three four", 10, 0, 2), "one two\n  three\n  four");
    EXPECT_EQ(wrapped("one two three four", 80, 0, 2), "one two three four");
    EXPECT_EQ(wrapped("one two", 7, 0, 0), "one two");
    EXPECT_EQ(wrapped("one two", 6, 0, 0), "one\ntwo");
}

TEST(Wrapped, CountsWhatStandsBeforeTheFirstWord) {
    EXPECT_EQ(wrapped("one two", 10, 4, 4), "one\n    two");
    EXPECT_EQ(wrapped("one two", 11, 4, 4), "one two");
}

TEST(Wrapped, AWordThatIsTooLongStaysWhole) {
    EXPECT_EQ(wrapped("incomprehensibilities", 10, 0, 2), "incomprehensibilities");
    EXPECT_EQ(wrapped("an incomprehensibility is", 10, 0, 2), "an\n  incomprehensibility\n  is");
}

TEST(Wrapped, LinesOfTheirOwnStay) {
    EXPECT_EQ(wrapped("two boards:\n  1-1 a\n  1-2 b", 80, 0, 2), "two boards:\n  1-1 a\n  1-2 b");
    EXPECT_EQ(wrapped("a b\nc d", 3, 0, 0), "a b\nc d");
}

TEST(Wrapped, CountsCharactersAndNoColours) {
    EXPECT_EQ(wrapped("äöü \x1b[1mbc\x1b[0m", 6, 0, 0), "äöü \x1b[1mbc\x1b[0m");
    EXPECT_EQ(wrapped("äöü \x1b[1mbc\x1b[0m", 5, 0, 0), "äöü\n\x1b[1mbc\x1b[0m");
}

}  // namespace
}  // namespace flasher::terminal
