// SPDX-License-Identifier: ISC
// dapboot with many boards: all at once, and one after the other as they come.
#include <algorithm>
#include <chrono>

#include "tests/flasher/boards.hpp"
#include "tests/flasher/program.hpp"

namespace flasher::test {
namespace {

using Json = nlohmann::json;
using Seconds = std::chrono::duration<double>;

std::string firmware(const std::string& name) {
    return "'" + (test_paths::firmware() / name).string() + "'";
}

/// An application of 24 KiB, so that flashing takes a while.
void write_long_image(const Folder& folder) {
    auto bytes = content_of(test_paths::firmware() / "usb-serial-bluepill.bin");
    bytes.resize(24 * 1024, '\x5A');
    std::ofstream(folder.path() / "long.bin", std::ios::binary) << bytes;
}

void load_bootloader(sim::Machine& machine) {
    machine.load(test_paths::firmware() / "dapboot-bluepill.bin");
}

std::vector<Json> results_of(const std::string& out) {
    std::vector<Json> results;
    std::istringstream lines(out);
    for (std::string line; std::getline(lines, line);)
        if (auto json = Json::parse(line); json["event"] == "result") results.push_back(std::move(json));
    return results;
}

TEST(DapbootProduction, SixteenBoardsTwoOfThemBrokenAreReportedExactly) {
    // Cells that no longer take a value, in a page of the image, and in its first.
    BoardsServer server(16, [](unsigned number, sim::Machine& machine) {
        load_bootloader(machine);
        if (number == 5) machine.stick_bits(0x0800'3000, 0x0100, sim::Level::high);
        if (number == 5) machine.stick_bits(0x0800'3002, 0x0100, sim::Level::low);
        if (number == 12) machine.stick_bits(0x0800'2004, 0x0001, sim::Level::low);
    });
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    write_long_image(folder);
    const auto run = folder.run("flash --all --json " + server.option() + " --ledger boards.csv long.bin");
    EXPECT_EQ(run.code, 7) << run.err;
    expect_has(run.err, "2 of 16 boards failed");
    const auto results = results_of(run.out);
    ASSERT_EQ(results.size(), 16U);
    for (const auto& one : results) {
        const bool broken = one["location"] == "1-5" || one["location"] == "1-12";
        EXPECT_EQ(one["ok"], !broken) << one;
    }
    for (unsigned number = 1; number <= 16; ++number) {
        const bool holds = server.with_board(number, [&](auto& board) {
            const auto image = content_of(folder.path() / "long.bin");
            const auto flash = board.machine().flash().subspan(0x2000, image.size());
            return std::equal(flash.begin(), flash.end(), image.begin(),
                              [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
        });
        EXPECT_EQ(holds, number != 5 && number != 12) << number;
    }
    const auto ledger = content_of(folder.path() / "boards.csv");
    EXPECT_EQ(std::ranges::count(ledger, '\n'), 17) << ledger;
    expect_has(ledger, ",failed,");
}

// What is measured is that no board waits for another: one after the other, fifteen would take 15 times as long. Real
// boards bring a processor each; here one thread emulates all of them, and falls behind the clock when it has too
// little of a core: 1.3 to 1.5 were seen on two idle ones.
TEST(DapbootProduction, FifteenBoardsAreFlashedSideBySide) {
    BoardsServer server(16);
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    write_long_image(folder);
    const auto measured = [&](const std::string& arguments, int boards) {
        const auto virtual_now = [&] { return server.with_board(16, [](auto& board) { return board.now(); }); };
        const auto before = virtual_now();
        const auto run = folder.run("flash --json " + server.option() + " " + arguments + " long.bin");
        EXPECT_EQ(run.code, 0) << run.err;
        EXPECT_EQ(results_of(run.out).size(), static_cast<std::size_t>(boards));
        return Seconds(virtual_now() - before).count();
    };
    const double one = measured("--location 1-1", 1);
    server.with_board(1, [](auto& board) {
        board.hold_button(true);
        board.press_reset();
        board.hold_button(false);
    });
    const double fifteen = measured("--all --device 1209:db42", 15);
    EXPECT_LE(fifteen, one * 2.5) << "one board " << one << " s, the others together " << fifteen << " s of their time";
}

TEST(DapbootProduction, RepeatFlashesWhatComesOnceAndKeepsALedger) {
    BoardsServer server(3);
    server.with_board(3, [](auto& board) { board.set_power(false); });
    ASSERT_TRUE(server.wait_for_device(1));
    ASSERT_TRUE(server.wait_for_device(2));
    const Folder folder;
    std::thread hand([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
        server.with_board(3, [](auto& board) { board.set_power(true); });
    });
    const auto run =
        folder.run("flash --wait --repeat --count 3 " + server.option() + " " + firmware("blinky-bluepill.hex"));
    hand.join();
    EXPECT_EQ(run.code, 0) << run.out << run.err;
    expect_has(run.out, "all 3 boards flashed");
    const auto ledger = content_of(folder.path() / "dapboot-ledger.csv");
    EXPECT_EQ(std::ranges::count(ledger, '\n'), 4) << ledger;
    EXPECT_TRUE(ledger.starts_with("time,serial,location,")) << ledger;

    // The same boards in their bootloaders again: known, so nothing happens until they are asked for.
    for (unsigned number = 1; number <= 3; ++number)
        server.with_board(number, [](auto& board) {
            board.hold_button(true);
            board.press_reset();
        });
    ASSERT_TRUE(server.wait_for_devices());
    const auto known = folder.run("flash --repeat " + server.option() + " " + firmware("blinky-bluepill.hex"),
                                  "LC_ALL=C.UTF-8 timeout --foreground -s INT 2");
    expect_has(known.out, "all 0 boards flashed");
    EXPECT_EQ(content_of(folder.path() / "dapboot-ledger.csv"), ledger);
    std::ofstream(folder.path() / "notes.txt") << "what somebody wrote\n";
    const auto other = folder.run("flash --repeat --ledger '" + (folder.path() / "notes.txt").string() + "' " +
                                      server.option() + " " + firmware("blinky-bluepill.hex"),
                                  "timeout 20");
    EXPECT_EQ(other.code, 2) << other.out << other.err;
}

TEST(DapbootProduction, OutputOfACLocaleIsAscii) {
    BoardsServer server(2);
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    const auto run = folder.run("flash --all " + server.option() + " " + firmware("blinky-bluepill.hex"), "LC_ALL=C");
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_TRUE(std::ranges::all_of(run.out, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) << run.out;
}

}  // namespace
}  // namespace flasher::test
