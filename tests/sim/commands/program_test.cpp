// SPDX-License-Identifier: ISC
// dapboot-sim as a person starts it: what it prints, and the exit codes that --help promises.
#include <array>
#include <cstdio>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>

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

Run start(const std::string& arguments) {
    Run run{-1, {}};
    FILE* pipe = popen(("'" + test_paths::built("sim/dapboot-sim").string() + "' " + arguments + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return run;
    std::array<char, 4096> chunk{};
    while (const auto count = std::fread(chunk.data(), 1, chunk.size(), pipe))
        run.output.append(chunk.data(), count);
    const int status = pclose(pipe);
    if (WIFEXITED(status)) run.exit_code = WEXITSTATUS(status);
    return run;
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

TEST(Program, WrongCommandLinesExitWith1) {
    expect("", 1, "subcommand");
    expect("demo --firmware x", 1, "--application is required");
    expect("lsusb '" + firmware + "' --board nonsense", 1, "choose one of");
    expect("lsusb '" + firmware + "' --flash-size 96", 1, "96 KiB");
    expect("run '" + firmware + "' --seconds 0", 1, "--seconds");
    expect("--help", 0, "Exit codes");
}

TEST(Program, MissingOrUnfitFilesExitWith2) {
    expect("lsusb no-such-file.bin", 2, "there is no such file");
    expect("download '" + firmware + "' '" + elsewhere + "'", 2, "link it for 0x08002000");
}

TEST(Program, ACrashedFirmwareExitsWith3) {
    // Linked for 0x08002000: nothing is at the chip's start.
    expect("run '" + test_paths::firmware("blinky-bluepill.elf").string() + "'", 3, "lockup");
}

TEST(Program, AnApplicationWithoutUsbExitsWith4) {
    expect("lsusb '" + elsewhere + "'", 4, "no answer in the SETUP stage");
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
