// SPDX-License-Identifier: ISC
// A recording, read by GTKWave's own tools: vcd2fst reads it, fst2vcd writes what was understood.
#include "sim/board/waveform.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "flasher/image.hpp"
#include "flasher/session.hpp"
#include "sim/board/boards.hpp"
#include "sim/usb/dfu_transport.hpp"
#include "tests/support/paths.hpp"

namespace sim {
namespace {

using Changes = std::vector<std::pair<long long, std::string>>;  ///< Nanosecond and binary value.

/// Variables by "scope.name" of what GTKWave's tools made of the recording.
std::map<std::string, Changes> through_gtkwave(const std::string& recording) {
    const auto stem =
        (std::filesystem::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name())
            .string();
    std::ofstream(stem + ".vcd") << recording;
    const std::string command = std::string(VCD2FST) + " '" + stem + ".vcd' '" + stem + ".fst' && " + FST2VCD +
                                " -f '" + stem + ".fst' -o '" + stem + "-read.vcd'";
    if (std::system(command.c_str()) != 0) return {};
    std::ifstream in(stem + "-read.vcd");
    std::map<std::string, std::string> names;
    std::map<std::string, Changes> all;
    std::string scope, line;
    long long at = 0;
    while (std::getline(in, line)) {
        std::istringstream words(line);
        std::string first, kind, bits, code, name;
        words >> first;
        if (first == "$scope") words >> kind >> scope;
        if (first == "$var") {
            words >> kind >> bits >> code >> name;
            names[code] = scope + "." + name;
        }
        if (first.empty() || first[0] == '$') continue;
        if (first[0] == '#')
            at = std::stoll(first.substr(1));
        else if (first[0] == 'b' && words >> code)
            all[names[code]].emplace_back(at, first.substr(1));
        else if (first[0] == '0' || first[0] == '1')
            all[names[first.substr(1)]].emplace_back(at, first.substr(0, 1));
    }
    return all;
}

TEST(Waveform, HasEachEdgeOfASignalAndEachInterrupt) {
    std::ostringstream recording;
    Changes edges;
    {
        Machine machine(stm32f103c8);
        machine.load(test_paths::built("tests/sim/chip/devices/pwm_timer.elf"));
        Waveform waveform(machine, typical_flash, recording);
        machine.on_pin_change({'A', 0}, [&](Time at, Level level) {
            edges.emplace_back(at.count() / 1000, level == Level::high ? "1" : "0");
        });
        machine.power_on();
        waveform.look();
        machine.run_for(20 * millisecond);
    }
    auto read = through_gtkwave(recording.str());
    Changes seen = read["port_a.PA0"];
    ASSERT_GT(seen.size(), 1U);
    seen.erase(seen.begin());  // the level before the first edge
    EXPECT_GE(edges.size(), 39U);
    EXPECT_EQ(seen, edges);
    EXPECT_EQ(read["board.power"].back().second, "1");
    long interrupts = 0;
    for (const auto& [at, value] : read["core.exception"])
        interrupts += value == "000101100" || value == "101100" ? 1 : 0;  // 16 + TIM2
    EXPECT_NEAR(static_cast<double>(interrupts), 20, 1);
}

TEST(Waveform, HasBusAndFlashOfAnUpdate) {
    std::ostringstream recording;
    std::uint64_t operations = 0;
    {
        const Board& board = *find_board("bluepill");
        Machine machine(board.chip, board.wiring);
        machine.load(test_paths::firmware("dapboot-bluepill.bin"));
        Waveform waveform(machine, typical_flash, recording);
        UsbHost host(waveform, machine);
        machine.power_on();
        HostTransport transport(host);
        flasher::FlashOptions options;
        options.target.flash_end = 0x0800'0000 + board.chip.flash_bytes;
        options.verify = false;
        flasher::flash(transport, flasher::read_device_info(transport),
                       flasher::load_image(test_paths::firmware("blinky-bluepill.bin")), options);
        operations = machine.counters().flash_operations;
    }
    auto read = through_gtkwave(recording.str());
    EXPECT_TRUE(std::ranges::any_of(read["usb.attached"], [](const auto& change) { return change.second == "1"; }));
    EXPECT_GT(read["usb.frame"].size(), 100U);
    Changes& tokens = read["usb.token"];
    const auto count = [&](const std::string& token) {
        return std::count_if(tokens.begin(), tokens.end(),
                             [&](const auto& change) { return change.second.find(token) != std::string::npos; });
    };
    EXPECT_GT(count("101101"), 5) << "SETUP";
    EXPECT_GT(count("1101001"), 5) << "IN";
    EXPECT_EQ(read["usb.bus_reset"].size(), 5U) << "low, and two resets";
    Changes& busy = read["flash.busy"];
    EXPECT_EQ(busy.size(), 2 * operations + 1);
}

}  // namespace
}  // namespace sim
