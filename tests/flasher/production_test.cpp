// SPDX-License-Identifier: ISC
// dapboot with many boards: all at once, and one after the other as they come.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>

#include <sys/resource.h>

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

/// Processor time of the programs that were run so far, in seconds.
double time_of_children() {
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Boards of silicon bring a processor each: what sixteen of them cost more than one is what the flasher computes for
// them, and what they wait for each other. Here one thread emulates all of them, and how late that is says nothing of
// the flasher. So the two are asserted apart, in terms that hold on a busy machine, too: the flasher's own processor
// time for all boards, on one core, against the time that one board takes by its own clock; and that all of them are
// under way before the first is done.
TEST(DapbootProduction, FifteenBoardsTakeLittleLongerThanOne) {
    BoardsServer server(16);
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    write_long_image(folder);
    const auto now = [&](unsigned number) {
        return server.with_board(number, [](auto& board) { return board.now(); });
    };
    const auto before = now(1);
    ASSERT_EQ(folder.run("flash --json " + server.option() + " --location 1-1 long.bin").code, 0);
    const double one = Seconds(now(1) - before).count();

    const double computed_before = time_of_children();
    const auto run = folder.run("flash --json " + server.option() + " --all --device 1209:db42 long.bin");
    const double computed = time_of_children() - computed_before;
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(results_of(run.out).size(), 15U);
    std::printf("one board takes %.2f s; for fifteen the flasher computes %.2f s\n", one, computed);
    EXPECT_LE(one + computed, one * 1.3);

    std::set<std::string> under_way;
    std::istringstream lines(run.out);
    for (std::string line; std::getline(lines, line);) {
        const auto event = Json::parse(line);
        if (event["event"] == "result") break;
        if (event["event"] == "progress" && event["step"] == "writing") under_way.insert(event["location"]);
    }
    EXPECT_EQ(under_way.size(), 15U) << "a board was done before others had begun";
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
                                  "LC_ALL=C.UTF-8 timeout --foreground -s INT 4");
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
