// SPDX-License-Identifier: ISC
// The ledger of a production line: what it keeps, what it knows again, and what it does not touch.
#include "flasher/commands/ledger.hpp"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace flasher::commands {
namespace {

class LedgerTest : public testing::Test {
  protected:
    LedgerTest() { std::filesystem::remove(file); }
    ~LedgerTest() override { std::filesystem::remove(file); }

    [[nodiscard]] std::string content() const {
        std::ifstream stream(file);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    static BoardResult result(const std::string& serial, ExitCode code = ExitCode::success,
                              const std::string& sentence = "500 bytes written") {
        return {.location = "1-1",
                .serial = serial,
                .product = "DAPBoot DFU Bootloader",
                .version = "dapboot 2.1.0",
                .code = code,
                .sentence = sentence,
                .seconds = 1.5,
                .bytes = 500,
                .verified = true};
    }

    const std::filesystem::path file =
        std::filesystem::path(testing::TempDir()) /
        (std::string("dapboot_ledger_") + testing::UnitTest::GetInstance()->current_test_info()->name() + ".csv");
};

TEST_F(LedgerTest, KnowsAGoodBoardAgainAndOnlyForThatImage) {
    {
        Ledger ledger(file, "app.hex crc32 1234");
        EXPECT_FALSE(ledger.has("A1"));
        ledger.add(result("A1"));
        ledger.add(result("B2", ExitCode::dfu, "the device left the bus"));
        EXPECT_TRUE(ledger.has("A1"));
        EXPECT_FALSE(ledger.has("B2")) << "what failed is to be done again";
    }
    EXPECT_TRUE(Ledger(file, "app.hex crc32 1234").has("A1"));
    EXPECT_FALSE(Ledger(file, "app.hex crc32 1234").has("B2"));
    EXPECT_FALSE(Ledger(file, "app.hex crc32 5678").has("A1")) << "another build";
}

TEST_F(LedgerTest, WritesEachLineAtOnceAndTheHeaderOnce) {
    Ledger ledger(file, "app.hex");
    ledger.add(result("A1"));
    EXPECT_EQ(std::ranges::count(content(), '\n'), 2);
    Ledger again(file, "app.hex");
    again.add(result("A2"));
    const auto text = content();
    EXPECT_EQ(std::ranges::count(text, '\n'), 3);
    EXPECT_TRUE(text.starts_with("time,serial,location,product,version,image,result,bytes,verified,seconds,message\n"));
    EXPECT_NE(text.find(",A2,1-1,DAPBoot DFU Bootloader,dapboot 2.1.0,app.hex,ok,500,yes,1.500,500 bytes written\n"),
              std::string::npos)
        << text;
}

TEST_F(LedgerTest, ABoardWithoutASerialNumberIsNeverKnown) {
    Ledger ledger(file, "app.hex");
    ledger.add(result(""));
    EXPECT_FALSE(ledger.has(""));
    EXPECT_FALSE(Ledger(file, "app.hex").has(""));
}

TEST_F(LedgerTest, AnEmptyPathKeepsItInMemory) {
    Ledger ledger("", "app.hex");
    ledger.add(result("A1"));
    EXPECT_TRUE(ledger.has("A1"));
}

TEST_F(LedgerTest, DoesNotAppendToWhatIsNoLedger) {
    std::ofstream(file) << "shopping list\n";
    EXPECT_THROW(Ledger(file, "app.hex"), CommandError);
    EXPECT_EQ(content(), "shopping list\n");
    EXPECT_THROW(Ledger(file / "below", "app.hex"), CommandError) << "a file is no folder";
}

TEST_F(LedgerTest, SentencesWithCommasQuotesAndLinesStayOneField) {
    const std::string sentence = "it said \"no\", twice\nand left";
    {
        Ledger ledger(file, "a, b.hex");
        ledger.add(result("A1", ExitCode::success, sentence));
    }
    EXPECT_EQ(std::ranges::count(content(), '\n'), 2);
    EXPECT_TRUE(Ledger(file, "a, b.hex").has("A1"));
    const auto text = content();
    const auto line = text.substr(text.find('\n') + 1);
    const auto fields = csv_fields(line.substr(0, line.size() - 1));
    ASSERT_EQ(fields.size(), 11U) << line;
    EXPECT_EQ(fields[5], "a, b.hex");
    EXPECT_EQ(fields[10], "it said \"no\", twice and left");
}

TEST(Csv, FieldsComeBackAsTheyWere) {
    for (const std::string text : {"", "plain", "a,b", "\"", "\"\"", ",\",", "a\"b,c"}) {
        const auto fields = csv_fields(csv_field("x") + "," + csv_field(text) + "," + csv_field("y"));
        ASSERT_EQ(fields.size(), 3U) << text;
        EXPECT_EQ(fields[1], text);
    }
    EXPECT_EQ(csv_field("plain"), "plain");
    EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
}

}  // namespace
}  // namespace flasher::commands
