// SPDX-License-Identifier: ISC
// dapboot selftest: it finds one wrong descriptor byte, one wrong state and one lost page, and says where; it finds
// nothing at a bootloader without a fault.
#include "tests/flasher/boards.hpp"
#include "tests/flasher/program.hpp"

namespace flasher::test {
namespace {

using Json = nlohmann::json;

struct Examined {
    Run run;
    Json report;
    std::string text;

    /// "holds", "BROKEN" or "not run"; empty when the report has no such property.
    [[nodiscard]] Json of(const std::string& name) const {
        for (const auto& one : report["properties"])
            if (one["name"] == name) return one;
        return {{"result", ""}, {"message", ""}};
    }
    [[nodiscard]] std::vector<std::string> broken() const {
        std::vector<std::string> names;
        for (const auto& one : report["properties"])
            if (one["result"] == "BROKEN") names.push_back(one["name"]);
        return names;
    }
};

/// Examines a board with `firmware` by the properties whose names have `only` in them.
Examined examined(const std::filesystem::path& firmware, const std::string& only, const std::string& more = "") {
    BoardsServer server(1, [&](unsigned, sim::Machine& machine) { machine.load(firmware); });
    EXPECT_TRUE(server.wait_for_devices());
    const Folder folder;
    Examined result;
    result.run = folder.run("selftest --yes " + server.option() + " --only " + only + " --report r " + more);
    const auto json = content_of(folder.path() / "r.json");
    if (json.empty()) {
        ADD_FAILURE() << "no report\n" << result.run.out << result.run.err;
        return result;
    }
    result.report = Json::parse(json);
    result.text = content_of(folder.path() / "r.txt");
    return result;
}

std::filesystem::path broken(const std::string& name) {
    return std::filesystem::path(DAPBOOT_BROKEN_DIR) / name / "dapboot.elf";
}

TEST(DapbootSelftest, FindsAWrongByteOfADescriptor) {
    const auto result = examined(broken("descriptor"), "Descriptor");
    EXPECT_EQ(result.run.code, 6) << result.run.out << result.run.err;
    EXPECT_EQ(result.broken(), std::vector<std::string>{"DfuDescriptors"}) << result.text;
    expect_has(result.of("DfuDescriptors")["message"], "bcdDFUVersion is 0x0100");
    expect_has(result.text, "BROKEN   DfuDescriptors");
    expect_has(result.run.err, "the report says where");
}

TEST(DapbootSelftest, FindsAWrongState) {
    const auto result = examined(broken("state"), "EveryRequestInError");
    EXPECT_EQ(result.run.code, 6) << result.run.out << result.run.err;
    EXPECT_EQ(result.broken(), std::vector<std::string>{"EveryRequestInError"}) << result.text;
    expect_has(result.of("EveryRequestInError")["message"], "dfuIDLE");
    expect_has(result.text, "DFU 1.1 appendix A.2.11");
}

TEST(DapbootSelftest, FindsALostPage) {
    const auto result = examined(broken("page"), "UploadGivesBackWhatWasSent");
    EXPECT_EQ(result.run.code, 6) << result.run.out << result.run.err;
    EXPECT_EQ(result.broken(), std::vector<std::string>{"UploadGivesBackWhatWasSent"}) << result.text;
    // The fourth page of 1 KiB.
    expect_has(result.of("UploadGivesBackWhatWasSent")["message"], "differs from byte 3072 of 5003 on (0x08002C00)");
}

TEST(DapbootSelftest, FindsNothingWhereNothingIsWrong) {
    const auto firmware = test_paths::firmware() / "dapboot-bluepill.elf";
    for (const auto* only : {"Descriptor", "EveryRequestInError", "UploadGivesBackWhatWasSent"}) {
        const auto result = examined(firmware, only);
        EXPECT_EQ(result.run.code, 0) << result.run.out << result.run.err;
        EXPECT_GT(result.report["holds"], 0) << only;
        EXPECT_EQ(result.broken(), std::vector<std::string>{});
    }
}

TEST(DapbootSelftest, SaysWhyAPropertyWasNotRun) {
    const auto firmware = test_paths::firmware() / "dapboot-bluepill.elf";
    const auto watched = examined(firmware, "TouchesNothing");
    EXPECT_EQ(watched.of("TheSameImageAgainTouchesNothing")["result"], "not run");
    expect_has(watched.run.out, "counts what is erased and programmed, which no request tells");
    expect_has(watched.text, "counts what is erased and programmed, which no request tells");
    const auto restarts = examined(firmware, "DetachLeaves");
    EXPECT_EQ(restarts.of("DetachLeavesFromEveryState")["result"], "not run");
    expect_has(restarts.text, "hold BOOT1 at 1 and say --button-held");
}

TEST(DapbootSelftest, AsksBeforeItOverwrites) {
    BoardsServer server(1);
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    const auto run = folder.run("selftest " + server.option());
    EXPECT_EQ(run.code, 1) << run.out << run.err;
    expect_has(run.err, "add --yes if the board may be overwritten");
    EXPECT_EQ(server.with_board(1, [](auto& board) { return board.flash_operations(); }), 0U);
}

}  // namespace
}  // namespace flasher::test
