// SPDX-License-Identifier: ISC
// Scripts: that what they expect is checked, that failures name their line, that they cannot do more than they should,
// and that those of docs/scripting.md work as they stand there.
#include "sim/script/script.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/board/boards.hpp"
#include "tests/support/paths.hpp"

namespace sim::script {
namespace {

std::filesystem::path device(const std::string& name) {
    return test_paths::built("tests/sim/chip/devices/" + name + ".elf");
}

/// The Lua block of docs/scripting.md that has this name.
std::string example(const std::string& name) {
    std::ifstream in(test_paths::source("docs/scripting.md"));
    const std::string all{std::istreambuf_iterator<char>(in), {}};
    const std::string opening = "```lua file=" + name + "\n";
    const auto begin = all.find(opening);
    if (begin == std::string::npos) return "error('docs/scripting.md has no such example')";
    const auto at = begin + opening.size();
    return all.substr(at, all.find("\n```", at) + 1 - at);
}

class Script : public testing::Test {
  protected:
    void load(const std::filesystem::path& firmware) { machine_.load(firmware); }

    void run(const std::string& source, const Limits& limits = {}, Time limit = Time{600'000'000'000'000}) {
        const auto name = std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".lua";
        const auto file = std::filesystem::path(testing::TempDir()) / name;
        std::ofstream(file) << source;
        Bench bench(machine_, host_, file.parent_path(), limit);
        bench.print = [this](const std::string& line) { printed_.push_back(line); };
        machine_.set_flash_observer(&bench.power_cut);
        run_script(file, bench, {{"application", test_paths::firmware("blinky-bluepill.bin")}}, limits);
        machine_.set_flash_observer(nullptr);
    }

    /// Fails unless the script does, with these words, its name and its line.
    void expect_failure(const std::string& source, int line, const std::string& words,
                        ScriptError::Kind kind = ScriptError::Kind::failed, const Limits& limits = {}) {
        try {
            run(source, limits);
            FAIL() << "the script came to its end";
        } catch (const ScriptError& error) {
            const std::string said = error.what();
            EXPECT_NE(said.find(fmt::format(".lua:{}:", line)), std::string::npos) << said;
            EXPECT_NE(said.find(words), std::string::npos) << said;
            EXPECT_EQ(error.kind(), kind) << said;
        }
    }

    Machine machine_{find_board("bluepill")->chip, find_board("bluepill")->wiring};
    UsbHost host_{machine_.usb(), machine_};
    std::vector<std::string> printed_;
};

TEST_F(Script, OfTheManualTestsSomebodyElsesDevice) {
    load(device("cdc_echo"));
    run(example("echo.lua"));
}

TEST_F(Script, OfTheManualNoticesADeviceThatDoesNotEcho) {
    load(device("vendor_library_hid"));
    expect_failure(example("echo.lua"), 6, "bcdUSB: expected 512, got 272");
}

TEST_F(Script, OfTheManualCutsThePowerOfAnUpdate) {
    load(test_paths::firmware("dapboot-bluepill.bin"));
    run(example("power_cuts.lua"));
    EXPECT_GT(machine_.counters().flash_operations, 20U);
}

TEST_F(Script, OfTheManualIsAPotentiometerATerminalAndAConverter) {
    load(device("adc_to_serial"));
    run(example("voltmeter.lua"));
}

TEST_F(Script, MeasuresASignal) {
    load(device("pwm_timer"));
    run(R"(board.power_on()
           wait(10*ms)
           local seen = pin.measure("PA0", 100*ms)
           expect_near(seen.period, 1*ms, 1*us)
           expect_near(seen.high_share, 0.25, 0.001)
           expect_near(seen.rising_edges, 100, 1)
           local low = pin.expect("PA0", "low", 2*ms)
           local high = pin.expect("PA0", "high", 2*ms)
           expect_near(pin.expect("PA0", "low", 2*ms) - high, 250*us, 1*us)
           print(1.5, "x", nil))");
    EXPECT_EQ(printed_, std::vector<std::string>{"1.5 x nil"});
}

TEST_F(Script, NamesTheLineThatFailed) {
    load(device("pwm_timer"));
    expect_failure("board.power_on()\nwait(5*ms)\npin.expect_steady('PA0', 5*ms)", 3,
                   "PA0 was to stay as it is for 5 ms");
    expect_failure("\n\nexpect(1 == 2, 'two')", 3, "two (at");
    expect_failure("expect_equal('a\\n', 'b')", 1, "expected \"b\", got \"a\\n\"");
    expect_failure("expect_near(1, 2, 0.5, 'speed')", 1, "speed: expected 2 within 0.5, got 1");
    expect_failure("pin.expect('PC13', 'low', 3*ms)", 1, "stayed high for 3 ms, expected low");
    expect_failure("usb.attach(10*ms)", 1, "no USB device attached within 10 ms");
    expect_failure("usb.control_in(0x80, 6, 0x100, 0, 18)", 1, "call usb.attach() first");
    expect_failure("serial.expect(1, 'OK', 1*ms)", 1, "USART1 did not send \"OK\" within 1 ms; it sent nothing");
    expect_failure("wait(700)", 1, "--limit");
    expect_failure("nothing.at_all()", 1, "nothing");
}

TEST_F(Script, RefusesWrongArguments) {
    expect_failure("pin.level('PH1')", 1, "argument 1 of pin.level must be a pin, such as \"PC13\", and is \"PH1\"");
    expect_failure("pin.level('PA16')", 1, "must be a pin");
    expect_failure("pin.drive('PA0', 'up')", 1, "argument 2 of pin.drive must be \"high\" or \"low\", and is \"up\"");
    expect_failure("wait('5')", 1, "must be a time, such as 5*ms");
    expect_failure("wait(-1)", 1, "a time from 0 to a day");
    expect_failure("wait(0/0)", 1, "must be a number");
    expect_failure("wait()", 1, "is not there");
    expect_failure("memory.word(0x40000000)", 1, "no memory at 0x40000000");
    expect_failure("board.load('nowhere.bin')", 1, "nowhere.bin");
    expect_failure("pin.voltage('PA0', 12)", 1, "would destroy the pin");
    expect_failure("serial.send(4, 'x')", 1, "argument 1 of serial.send must be a whole number from 1 to 3");
    expect_failure("serial.send(1, 'x', 115200, '7N2')", 1, "not \"7N2\"");
    expect_failure("board.cut_power_at_flash_operation(1, 2)", 1, "0 to 1");
}

TEST_F(Script, TellsABusThatBehavesFromOneThatDoesNot) {
    load(device("cdc_echo"));
    const std::string attached = "board.power_on() usb.attach(1*s)\n";
    expect_failure(attached + "usb.expect_stall(0x80, 6, 0x100, 0, 18)", 2, "was to refuse this request, and took it");
    expect_failure(attached + "usb.control_in(0x80, 6, 0x300, 0, 18)", 2, "the control transfer failed: STALL");
    expect_failure(attached + "usb.control_in(0x00, 9, 1, 0, 0)", 2, "use usb.control_out");
    expect_failure(attached + "usb.expect_gone(5*ms)", 2, "was to leave, and stayed for 5 ms");
    expect_failure(attached + "dfu.status()", 2, "no DFU interface");
}

TEST_F(Script, IsCalledBackAtEachChange) {
    load(device("pwm_timer"));
    run(R"(local edges = 0
           pin.on_change("PA0", function(level, time) edges = edges + 1 end)
           board.power_on()
           wait(20*ms)
           expect_near(edges, 40, 2))");
    expect_failure("board.power_off()\npin.on_change('PA0', function() wait(1*ms) end)\nboard.power_on()\nwait(5*ms)",
                   4, ".lua:2: a function that is called back");
}

TEST_F(Script, IsNoProgramOfTheComputer) {
    run(R"(for _, name in ipairs{"io", "os", "require", "dofile", "loadfile", "load", "pcall", "xpcall", "debug",
                                 "package", "coroutine", "collectgarbage"} do
               expect_equal(_G[name], nil, name)
           end
           expect_equal(string.format("%02x", 255), "ff")
           expect_equal(math.floor(2.5), 2))");
}

TEST_F(Script, EndsWhateverItDoes) {
    expect_failure("while true do\nend", 1, "instructions without an end", ScriptError::Kind::failed,
                   {.instructions = 1'000'000});
    try {
        run("local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", {.memory = 1U << 20});
        FAIL() << "the script came to its end";
    } catch (const ScriptError& error) {
        EXPECT_NE(std::string(error.what()).find("not enough memory"), std::string::npos) << error.what();
    }
}

TEST_F(Script, ThatIsNoLuaIsToldSo) {
    expect_failure("\nif then", 2, "unexpected symbol", ScriptError::Kind::syntax);
    EXPECT_THROW(run("\x1bLua"), ScriptError) << "compiled Lua could break out of its box";
}

TEST_F(Script, TellsFirmwareThatCrashed) {
    load(test_paths::firmware("blinky-bluepill.elf"));  // nothing at the chip's start
    expect_failure("board.power_on()\nwait(1*ms)", 2, "lockup", ScriptError::Kind::firmware);
}

TEST_F(Script, ReadsAndChangesTheBoard) {
    load(device("pwm_timer"));
    run(R"(expect(not board.powered())
           board.power_on()
           wait(10*ms)
           expect_equal(board.hclk(), 8000000)
           expect_equal(memory.word(0x08000000), 0x20005000)
           expect_equal(memory.read(0x08000001, 2), "\x50\x00")
           expect_equal(board.backup_register(2, 0x1234), 0x1234)
           pin.drive("PB5", "high")
           expect_equal(pin.level("PB5"), "high")
           pin.drive("PB5", "low")
           pin.expect("PB5", "low")
           pin.release("PB5")
           local before = board.resets()
           board.reset()
           expect_equal(board.resets(), before + 1)
           expect(not board.led())
           expect_equal(#memory.file(files.application) > 100, true))");
}

}  // namespace
}  // namespace sim::script
