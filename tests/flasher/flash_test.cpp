// SPDX-License-Identifier: ISC
// dapboot with one board: flash, read, verify, reset, list.
#include <algorithm>
#include <csignal>

#include "tests/flasher/boards.hpp"
#include "tests/flasher/program.hpp"

namespace flasher::test {
namespace {

using Json = nlohmann::json;

std::string firmware(const std::string& name) {
    return "'" + (test_paths::firmware() / name).string() + "'";
}

bool led_blinks(BoardsServer& server) {
    const auto lit = [&] { return server.with_board(1, [](auto& board) { return board.led_lit(); }); };
    const bool before = lit();
    for (int i = 0; i < 300; ++i) {
        if (lit() != before) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

std::string flash_of(BoardsServer& server, std::size_t offset, std::size_t length) {
    return server.with_board(1, [&](auto& board) {
        const auto bytes = board.machine().flash().subspan(offset, length);
        return std::string(bytes.begin(), bytes.end());
    });
}

TEST(DapbootFlash, WritesEveryFormatAndTheApplicationRuns) {
    BoardsServer server(1);
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    const auto run = folder.run("flash " + server.option() + " " + firmware("blinky-bluepill.hex"));
    EXPECT_EQ(run.code, 0) << run.out << run.err;
    expect_has(run.out, "500 bytes written");
    expect_has(run.out, "application started");
    EXPECT_EQ(run.out.find('\x1b'), std::string::npos);
    EXPECT_EQ(flash_of(server, 0x2000, 500), content_of(test_paths::firmware() / "blinky-bluepill.bin"));
    EXPECT_TRUE(led_blinks(server));
}

// The issue's own line, twice in a row without a hand: from the bootloader, then from the application.
TEST(DapbootFlash, RuntimeTakesARunningApplicationThroughItsBootloaderAgainAndAgain) {
    BoardsServer server(1);
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    for (int round = 1; round <= 3; ++round) {
        const auto run = folder.run("flash " + server.option() + " --runtime " + firmware("usb-serial-bluepill.elf"));
        ASSERT_EQ(run.code, 0) << "round " << round << "\n" << run.out << run.err;
        expect_has(run.out, "1209:0001 \"USB serial example\" runs");
    }
    const auto without = folder.run("flash " + server.option() + " " + firmware("usb-serial-bluepill.elf"));
    EXPECT_EQ(without.code, 4);
    expect_has(without.err, "--runtime");
}

TEST(DapbootFlash, RefusesBeforeAnythingIsChanged) {
    BoardsServer server(1);
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    ASSERT_EQ(folder.run("convert " + firmware("blinky-bluepill.elf") + " other.dfu --for 0483:df11").code, 0);
    const auto operations = [&] { return server.with_board(1, [](auto& board) { return board.flash_operations(); }); };
    const auto before = operations();
    const auto expect = [&](const std::string& file, const std::string& words) {
        const auto run = folder.run("flash " + server.option() + " " + file);
        EXPECT_EQ(run.code, 2) << run.out << run.err;
        expect_has(run.err, words);
    };
    expect(firmware("blinky-bluepill-high.elf"), "linked for 0x08000000, the device puts it at 0x08002000");
    expect(firmware("dapboot-bluepill-high.bin"), "initial stack pointer, is blank, as in a high-memory bootloader");
    expect("other.dfu", "is for 0483:df11, and the device is 1209:db42");
    expect(firmware("dapboot-bluepill.bin"), "0x08000000");
    EXPECT_EQ(operations(), before);
}

TEST(DapbootFlash, ReadsBackVerifiesAndFindsTheDifferentByte) {
    // Button held: the board stays in its bootloader whatever is installed.
    BoardsServer server(1);
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    ASSERT_EQ(folder.run("flash " + server.option() + " " + firmware("blinky-bluepill.hex")).code, 0);
    server.with_board(1, [](auto& board) {
        board.hold_button(true);
        board.press_reset();
    });
    ASSERT_TRUE(server.wait_for_device(1));
    const auto read = folder.run("read " + server.option() + " back.hex");
    EXPECT_EQ(read.code, 0) << read.out << read.err;
    ASSERT_EQ(folder.run("convert back.hex back.bin").code, 0);
    EXPECT_EQ(content_of(folder.path() / "back.bin"), content_of(test_paths::firmware() / "blinky-bluepill.bin"));

    EXPECT_EQ(folder.run("verify " + server.option() + " " + firmware("blinky-bluepill.elf")).code, 0);
    auto changed = content_of(test_paths::firmware() / "blinky-bluepill.bin");
    changed[0x101] = static_cast<char>(changed[0x101] ^ 1);
    std::ofstream(folder.path() / "changed.bin", std::ios::binary) << changed;
    const auto verify = folder.run("verify " + server.option() + " changed.bin");
    EXPECT_EQ(verify.code, 6) << verify.out << verify.err;
    expect_has(verify.err, "differs from the image in 1 of 500 bytes, first at 0x08002101");
}

// As fast as it goes: the board must be back before the program has waited long enough.
TEST(DapbootFlash, ResetSaysWhenTheBootloaderStartsAgain) {
    const auto load = [](unsigned, sim::Machine& machine) {
        machine.load(test_paths::firmware() / "dapboot-bluepill.bin");
        machine.load(test_paths::firmware() / "blinky-bluepill.elf");
    };
    BoardsServer server(1, load, true);
    server.with_board(1, [](auto& board) {
        board.hold_button(true);
        board.press_reset();
    });
    ASSERT_TRUE(server.wait_for_device(1));
    const Folder folder;
    const auto reset = folder.run("reset " + server.option());
    EXPECT_EQ(reset.code, 6) << "with the button held it cannot leave: " << reset.out;
    expect_has(reset.err, "the bootloader started again");
    server.with_board(1, [](auto& board) { board.hold_button(false); });
    ASSERT_TRUE(server.wait_for_device(1));
    EXPECT_EQ(folder.run("reset " + server.option()).code, 0);
}

TEST(DapbootFlash, ABoardThatComesBackAsBootloaderIsSaidToHaveItsJumperSet) {
    BoardsServer server(1);
    server.with_board(1, [](auto& board) {
        board.hold_button(true);
        board.press_reset();
    });
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    // --runtime waits long enough for it on a busy machine, too.
    const auto run = folder.run("flash --runtime " + server.option() + " " + firmware("blinky-bluepill.hex"));
    EXPECT_EQ(run.code, 6) << run.out << run.err;
    expect_has(run.err, "set BOOT1 back to 0");
}

// The board leaves for the installer, which starts the chip once more: what comes back is the new bootloader.
TEST(DapbootFlash, AnInstallerHasReplacedTheBootloader) {
    BoardsServer server(1);
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    const auto run = folder.run("flash " + server.option() + " " + firmware("install-dapboot-bluepill-high-128.dfu"));
    EXPECT_EQ(run.code, 0) << run.out << run.err;
    expect_has(run.out, "an installer: it replaces the bootloader of the board");
    expect_has(run.out, "the bootloader is replaced: dapboot 2.");
    const auto list = Json::parse(folder.run("list --json " + server.option()).out);
    EXPECT_EQ(list[0]["layout"], "high-memory");
}

TEST(DapbootFlash, AnInstallerThatDoesNotFitIsSaidToHaveStayed) {
    BoardsServer server(1);
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    const auto run = folder.run("flash " + server.option() + " " + firmware("install-dapboot-bttskrminie3v2.bin"));
    EXPECT_EQ(run.code, 6) << run.out << run.err;
    expect_has(run.err, "no bootloader came back");
}

TEST(DapbootFlash, AWornPageIsReportedWithItsPlace) {
    BoardsServer server(1, [](unsigned, sim::Machine& machine) {
        machine.load(test_paths::firmware() / "dapboot-bluepill.bin");
        machine.stick_bits(0x0800'2800, 0x0004, sim::Level::low);
        machine.stick_bits(0x0800'2802, 0x0004, sim::Level::high);
    });
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    std::ofstream(folder.path() / "long.bin", std::ios::binary)
        << content_of(test_paths::firmware() / "usb-serial-bluepill.bin") + std::string(20'000, '\x5A');
    const auto run = folder.run("flash " + server.option() + " long.bin");
    EXPECT_EQ(run.code, 5) << run.out << run.err;
    expect_has(run.err, "byte 0x800 of the image");
    expect_has(run.err, "stays in its bootloader");
}

TEST(DapbootFlash, JsonEventsAreOneObjectALine) {
    BoardsServer server(1);
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    const auto run = folder.run("flash --json " + server.option() + " " + firmware("usb-serial-bluepill.elf"));
    EXPECT_EQ(run.code, 0) << run.err;
    std::istringstream lines(run.out);
    std::string line;
    std::vector<std::string> kinds;
    Json last;
    while (std::getline(lines, line)) {
        last = Json::parse(line);
        kinds.push_back(last["event"]);
    }
    ASSERT_GE(kinds.size(), 4U) << run.out;
    EXPECT_EQ(kinds.front(), "device");
    EXPECT_EQ(kinds.back(), "result");
    EXPECT_EQ(std::ranges::count(kinds, "progress"), static_cast<std::ptrdiff_t>(kinds.size()) - 2);
    EXPECT_EQ(last["ok"], true);
    EXPECT_EQ(last["bytes"], std::filesystem::file_size(test_paths::firmware() / "usb-serial-bluepill.bin"));
}

TEST(DapbootFlash, ListTellsWhereThingsGo) {
    BoardsServer server(2);
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    const auto run = folder.run("list --json " + server.option());
    EXPECT_EQ(run.code, 0) << run.err;
    const auto json = Json::parse(run.out);
    ASSERT_EQ(json.size(), 2U);
    EXPECT_EQ(json[0]["location"], "1-1");
    EXPECT_EQ(json[0]["mode"], "bootloader");
    EXPECT_EQ(json[0]["base"], "0x08002000");
    EXPECT_EQ(json[0]["room"], 120 * 1024);
    EXPECT_EQ(json[0]["layout"], "standard");
    EXPECT_EQ(json[0]["state"], "dfuIDLE");
    EXPECT_NE(json[0]["serial"], json[1]["serial"]);

    const auto two = folder.run("flash " + server.option() + " " + firmware("blinky-bluepill.hex"));
    EXPECT_EQ(two.code, 1);
    expect_has(two.err, "2 boards are attached; choose one");
    const std::string serial = json[1]["serial"];
    const auto one =
        folder.run("flash " + server.option() + " --serial " + serial + " " + firmware("blinky-bluepill.hex"));
    EXPECT_EQ(one.code, 0) << one.out << one.err;
    expect_has(one.out, "1-2");
}

TEST(DapbootFlash, DoctorLooksAtAServer) {
    BoardsServer server(1);
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    const auto well = folder.run("doctor " + server.option());
    EXPECT_EQ(well.code, 0) << well.out << well.err;
    expect_has(well.out, "1209:db42 at 1-1 can be used");
    const auto address = server.option().substr(std::string("--usbip ").size());
    const auto told = folder.run("doctor --json", "LC_ALL=C.UTF-8 DAPBOOT_USBIP=" + address);
    EXPECT_EQ(told.code, 0) << told.out << told.err;
    expect_has(told.out, "1209:db42 at 1-1 can be used");
    const auto nobody = folder.run("doctor --usbip 127.0.0.1:1");
    EXPECT_EQ(nobody.code, 3) << nobody.out << nobody.err;
}

TEST(DapbootFlash, WaitsForABoard) {
    BoardsServer server(1);
    server.with_board(1, [](auto& board) { board.set_power(false); });
    const Folder folder;
    EXPECT_EQ(folder.run("flash " + server.option() + " " + firmware("blinky-bluepill.hex")).code, 4);
    std::thread hand([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        server.with_board(1, [](auto& board) { board.set_power(true); });
    });
    const auto run = folder.run("flash --wait " + server.option() + " " + firmware("blinky-bluepill.hex"));
    hand.join();
    EXPECT_EQ(run.code, 0) << run.out << run.err;
}

TEST(DapbootFlash, ACutCableIsToldWithTheStateAndTheNextStep) {
    BoardsServer server(1);
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    std::ofstream(folder.path() / "long.bin", std::ios::binary)
        << content_of(test_paths::firmware() / "usb-serial-bluepill.bin") + std::string(80'000, '\x5A');
    std::thread hand([&] {
        for (int i = 0; i < 1'000; ++i) {
            if (server.with_board(1, [](auto& board) { return board.flash_operations(); }) > 5'000) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        server.with_board(1, [](auto& board) { board.set_power(false); });
    });
    const auto run = folder.run("flash " + server.option() + " long.bin");
    hand.join();
    EXPECT_EQ(run.code, 5) << run.out << run.err;
    expect_has(run.err, "left the bus");
    expect_has(run.err, "Plug it in again");
}

TEST(DapbootFlash, CtrlCIsToldWithTheState) {
    BoardsServer server(1);
    ASSERT_TRUE(server.wait_for_devices());
    const Folder folder;
    std::ofstream(folder.path() / "long.bin", std::ios::binary)
        << content_of(test_paths::firmware() / "usb-serial-bluepill.bin") + std::string(100'000, '\x5A');
    std::thread hand([&] {
        for (int i = 0; i < 2'000; ++i) {
            if (server.with_board(1, [](auto& board) { return board.flash_operations(); }) > 5'000) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        kill(std::stoi(content_of(folder.path() / "pid")), SIGINT);
    });
    const auto run =
        folder.run("flash " + server.option() + " long.bin", R"(LC_ALL=C.UTF-8 sh -c 'echo $$ >pid; exec "$0" "$@"')");
    hand.join();
    EXPECT_EQ(run.code, 130) << run.out << run.err;
    expect_has(run.err, "interrupted: the device stays in its bootloader and starts no half application");
}

}  // namespace
}  // namespace flasher::test
