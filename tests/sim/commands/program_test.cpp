// SPDX-License-Identifier: ISC
// dapboot-sim as a person starts it: what it prints, and the exit codes that --help promises.
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "flasher/image.hpp"
#include "tests/support/paths.hpp"

namespace sim::test {
namespace {

struct Run {
    int exit_code;
    std::string output;  ///< Both streams.
};

const std::string firmware = test_paths::firmware("dapboot-bluepill.bin");
const std::string blinky = test_paths::firmware("blinky-bluepill.bin");
const std::string elsewhere = test_paths::firmware("blinky-bluepill-high.bin");

Run start_shell(const std::string& command) {
    Run run{-1, {}};
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return run;
    std::array<char, 4096> chunk{};
    while (const auto count = std::fread(chunk.data(), 1, chunk.size(), pipe))
        run.output.append(chunk.data(), count);
    const int status = pclose(pipe);
    if (WIFEXITED(status)) run.exit_code = WEXITSTATUS(status);
    return run;
}

std::string program() {
    return "'" + test_paths::built("sim/dapboot-sim").string() + "'";
}

Run start(const std::string& arguments, const std::string& environment = "LC_ALL=C.UTF-8") {
    return start_shell(environment + " " + program() + " " + arguments);
}

void expect(const std::string& arguments, int exit_code, const std::string& words) {
    const auto run = start(arguments);
    EXPECT_EQ(run.exit_code, exit_code) << run.output;
    EXPECT_NE(run.output.find(words), std::string::npos) << run.output;
}

TEST(Program, DemoShowsTheWholeStoryWithoutEscapes) {
    const auto run = start("demo --firmware '" + firmware + "' --application '" + blinky + "'");
    EXPECT_EQ(run.exit_code, 0) << run.output;
    for (const char* words : {"1209:db42", "https://", "WINUSB", "100 %", "●", "○", "All of it worked"})
        EXPECT_NE(run.output.find(words), std::string::npos) << words;
    EXPECT_EQ(run.output.find('\x1b'), std::string::npos);
    EXPECT_EQ(run.output.find('\r'), std::string::npos);
}

void expect_ascii(const Run& demo) {
    EXPECT_EQ(demo.exit_code, 0) << demo.output;
    EXPECT_TRUE(std::ranges::all_of(demo.output, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
        << demo.output;
    EXPECT_NE(demo.output.find(std::string(32, '#') + " 100 %"), std::string::npos) << demo.output;
}

TEST(Program, WithoutUtf8AllIsAscii) {
    expect_ascii(start("demo --firmware '" + firmware + "' --application '" + blinky + "'", "LC_ALL=C"));
}

TEST(Program, ADumbTerminalGetsNoEscapesAndNoBlocks) {
    // script gives the program a terminal.
    const auto in_terminal = [](const std::string& kind) {
        return start_shell("TERM=" + kind + " LC_ALL=C.UTF-8 script -qec \"" + program() + " demo --firmware '" +
                           firmware + "' --application '" + blinky + "'\" /dev/null");
    };
    const auto xterm = in_terminal("xterm");
    EXPECT_NE(xterm.output.find('\x1b'), std::string::npos);
    EXPECT_NE(xterm.output.find("█"), std::string::npos);
    const auto dumb = in_terminal("dumb");
    expect_ascii(dumb);
    EXPECT_EQ(dumb.output.find('\x1b'), std::string::npos) << dumb.output;
}

TEST(Program, AProgramThatCrashesAndStartsOverIsNotedNowAndThen) {
    // The first two pages of a bootloader: what they call is not there, and a fault is a reset.
    const auto half = (std::filesystem::path(testing::TempDir()) / "half.bin").string();
    ASSERT_EQ(
        start_shell("head -c 2048 '" + test_paths::firmware("dapboot-bluepill.bin").string() + "' >'" + half + "'")
            .exit_code,
        0);
    const auto run = start("run '" + half + "' --seconds 1");
    EXPECT_NE(run.output.find(", for the 100th time"), std::string::npos) << run.output;
    std::size_t notes = 0;
    for (auto at = run.output.find("note: "); at != std::string::npos; at = run.output.find("note: ", at + 1))
        ++notes;
    EXPECT_LT(notes, 20U) << run.output;
}

TEST(Program, WrongCommandLinesExitWith1) {
    expect("dowload x y", 1, "there is no command 'dowload', did you mean 'download'?");
    expect("frobnicate", 1, "there is no command 'frobnicate'; choose one of: demo run");
    expect("lsusb '" + firmware + "' --board blupill", 1, "did you mean 'bluepill'?");
    expect("lsusb '" + firmware + "' --load '" + blinky + "'", 1, "blinky-bluepill.bin@0x08002000");
    expect("lsusb '" + firmware + "' --load '" + blinky + "@here'", 1, "'here' is not an address");
    expect("serve '" + firmware + "' --page . --fast", 1, "--fast goes with a server without --page only");
    expect("", 1, "subcommand");
    expect("demo --firmware x", 1, "--application is required");
    expect("lsusb '" + firmware + "' --board nonsense", 1, "choose one of");
    expect("lsusb '" + firmware + "' --flash-size 96", 1, "96 KiB");
    expect("run '" + firmware + "' --seconds 0", 1, "--seconds");
    expect("--help", 0, "Exit codes");
    expect("--version", 0, "dapboot-sim ");
    expect("lsusb '" + firmware + "' --board BLUEPILL", 0, "1209:db42");
}

TEST(Program, AScriptDecidesAboutTheExitCode) {
    const auto script = [](const std::string& name, const std::string& source) {
        const auto file = std::filesystem::path(testing::TempDir()) / name;
        std::ofstream(file) << source;
        return "run '" + firmware + "' --file app='" + blinky + "' --script '" + file.string() + "' ";
    };
    const auto wave = (std::filesystem::path(testing::TempDir()) / "script.vcd").string();
    expect(script("good.lua",
                  "board.power_on()\nusb.attach()\ndfu.download(files.app)\nprint('blinks')\n"
                  "pin.expect('PC13', 'low', 2*s)") +
               "--wave '" + wave + "'",
           0, "good.lua: passed");
    EXPECT_GT(std::filesystem::file_size(wave), 10'000U);
    expect(script("late.lua", "board.power_on()\npin.expect('PC13', 'high', 1*ms)\nwait(2*s)\nexpect(false, 'no')"), 6,
           "late.lua:4: no (at 2");
    expect(script("bad.lua", "board.power_on("), 2, "bad.lua:1:");
    expect("run '" + test_paths::firmware("blinky-bluepill.elf").string() + "' --script '" +
               (std::filesystem::path(testing::TempDir()) / "late.lua").string() + "'",
           3, "late.lua:3: lockup");
    expect("run '" + firmware + "' --script nowhere.lua", 2, "nowhere.lua: cannot be read");
    expect(script("good.lua", "") + "--limit 0", 1, "--limit takes more than 0");
    expect(script("good.lua", "") + "--file app", 1, "write --file NAME=PATH");
    expect("run '" + firmware + "' --wave /nowhere/x.vcd", 2, "/nowhere/x.vcd: cannot be written");
}

TEST(Program, TakesABoardThatDiffers) {
    expect("lsusb '" + firmware + "' --with crystal-start=100 --with lsi=60000 --with no-stall", 0, "1209:db42");
    expect("lsusb '" + firmware + "' --with hidden-lock --with no-zeroes --with battery --with watch-crystal --strict",
           0, "1209:db42");
    expect("lsusb '" + firmware + "' --with crystal", 1, "choose of: crystal-start dead-crystal");
    expect("lsusb '" + firmware + "' --with crystal-start", 1, "write --with crystal-start=MS");
    expect("lsusb '" + firmware + "' --with no-stall=1", 1, "write --with no-stall");
    expect("lsusb '" + firmware + "' --with lsi=1000", 1, "--with lsi takes 30000 to 60000, not '1000'");
    expect("lsusb '" + firmware + "' --strict --lenient", 1, "exclude each other");
    expect("run --help", 0, "crystal-start=MS");
}

TEST(Program, PrintsWhatAProgramSaysOverSwo) {
    const auto device = [](const std::string& name) {
        return "run '" + test_paths::built("tests/sim/chip/devices/" + name + ".elf").string() +
               "' --board stm32f103 --seconds 0.01";
    };
    expect(device("swo_text_without_probe"), 0, "SWO: hello\n");
    expect(device("swo_text") + " --with swo", 0, "SWO: again\n");
    EXPECT_EQ(start(device("swo_text")).output.find("SWO"), std::string::npos) << "nobody has switched ITM on";
}

TEST(Program, AReadProtectedChipKeepsItsFirstPagesAndIsNotReadBack) {
    expect("lsusb '" + firmware + "' --with read-protection", 0, "1209:db42");
    expect("download '" + firmware + "' '" + blinky + "' --with read-protection", 5, "stalled DFU_UPLOAD");
    expect("download '" + test_paths::firmware("dapboot-bluepill-high.bin").string() + "' '" + elsewhere +
               "' --with read-protection",
           5, "errWRITE");
}

TEST(Program, MissingOrUnfitFilesExitWith2) {
    expect("lsusb no-such-file.bin", 2, "there is no such file");
    expect("lsusb /", 2, "/ is a directory");
    expect("download '" + firmware + "' '" + elsewhere + "'", 2, "the device puts it at 0x08002000");
}

TEST(Program, ACrashedFirmwareExitsWith3) {
    // Linked for 0x08002000: nothing is at the chip's start.
    expect("run '" + test_paths::firmware("blinky-bluepill.elf").string() + "'", 3, "lockup");
}

TEST(Program, AnApplicationWithoutUsbExitsWith4) {
    expect("lsusb '" + elsewhere + "'", 4, "no answer in the SETUP stage");
}

TEST(Program, FirmwareForAnotherBoardIsToldWhyNothingAnswers) {
    expect("lsusb '" + firmware + "' --board maplemini", 4, "must switch DP's pull-up on with PB9");
}

TEST(Program, AnImageForAnotherDeviceExitsWith2) {
    auto image = flasher::load_image(blinky);
    image.suffix = flasher::DfuSuffix{.idVendor = 0x1234, .idProduct = 0x5678};
    const auto bytes = flasher::write_image(image, flasher::ImageFormat::dfu);
    const auto file = std::filesystem::path(testing::TempDir()) / "another_device.dfu";
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    expect("download '" + firmware + "' '" + file.string() + "'", 2, "is for 1234:5678, and the device is 1209:db42");
    expect("download --force '" + firmware + "' '" + file.string() + "'", 0, "done");
    std::filesystem::remove(file);
}

TEST(Program, RunShowsEveryResetAndReEntry) {
    // The program is off the bus for 2 ms, and resets the chip after 152.
    const auto run =
        start("run '" + test_paths::built("tests/sim/chip/programs/detach.elf").string() + "' --seconds 0.4");
    EXPECT_EQ(run.exit_code, 0) << run.output;
    const auto count = [&](const std::string& words) {
        std::size_t found = 0;
        for (auto at = run.output.find(words); at != std::string::npos; at = run.output.find(words, at + 1))
            ++found;
        return found;
    };
    EXPECT_EQ(count("chip reset by software"), 2U) << run.output;
    EXPECT_EQ(count("USB device gone"), 2U) << run.output;
    EXPECT_EQ(count("USB device attached"), 3U) << run.output;
}

TEST(Program, ARefusingBootloaderExitsWith5) {
    expect("download --force '" + firmware + "' '" + elsewhere + "'", 5, "errTARGET");
}

TEST(Program, DownloadTakesEveryFormat) {
    for (const char* format : {".bin", ".elf", ".hex"})
        expect("download '" + firmware + "' '" +
                   test_paths::firmware(std::string("blinky-bluepill") + format).string() + "'",
               0, "done");
}

}  // namespace
}  // namespace sim::test
