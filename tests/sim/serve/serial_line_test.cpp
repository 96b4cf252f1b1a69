// SPDX-License-Identifier: ISC
// A serial line to a served board, at both ends that it can have: to a running application, and to the chip's loader.
#include "sim/serve/serial_line.hpp"

#include <cstring>
#include <filesystem>
#include <string>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "sim/board/lines.hpp"
#include "tests/support/paths.hpp"

namespace sim::serve {
namespace {

class SerialLineTest : public testing::Test {
  protected:
    // A voltmeter: answers '?' with what it measures at PA0 and PA1, in hexadecimal.
    static void load_voltmeter(Machine& machine) {
        machine.load(test_paths::built("tests/sim/chip/devices/adc_to_serial.elf"));
    }
    void start(const std::string& where, bool automatic = false) {
        auto end = make_serial_end(where);
        name = end->name();
        line = std::make_unique<SerialLine>(board, std::move(end), automatic, [](const std::string&) {});
    }
    /// What comes back within `span` of virtual time, or until there are `enough` bytes.
    std::string come(int descriptor, std::size_t enough, Time span = Time{300'000'000'000}) {
        std::string all;
        for (const Time end = board.now() + span; board.now() < end && all.size() < enough;) {
            line->serve();
            static_cast<void>(board.run_frame());
            line->serve();
            char room[64];
            const auto count = ::recv(descriptor, room, sizeof room, MSG_DONTWAIT);
            const auto taken = count < 0 && errno == ENOTSOCK ? ::read(descriptor, room, sizeof room) : count;
            if (taken > 0) all.append(room, static_cast<std::size_t>(taken));
        }
        return all;
    }
    static void say(int descriptor, const std::string& text) {
        ASSERT_EQ(::write(descriptor, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
    static int connect_to(const std::string& name) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(name.substr(name.rfind(' ') + 1))));
        ::inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
        const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
        EXPECT_EQ(::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        return descriptor;
    }
    void measures(int descriptor) {
        Lines(board.machine()).set_voltage({'A', 0}, 0.8254);
        Lines(board.machine()).set_voltage({'A', 1}, 1.6504);
        static_cast<void>(come(descriptor, 1, Time{20'000'000'000}));
        // All at once: a line carries one after the other, and the program gets each of them.
        say(descriptor, "volts?");
        EXPECT_EQ(come(descriptor, 8), "400 800\n");
        say(descriptor, "?");
        EXPECT_EQ(come(descriptor, 8), "400 800\n");
    }

    ServedBoard board{{.board = *find_board("bluepill"), .load = load_voltmeter}, 1};
    std::unique_ptr<SerialLine> line;
    std::string name;
};

TEST_F(SerialLineTest, ReachesARunningProgramThroughAPseudoTerminal) {
    const auto path = std::filesystem::path(testing::TempDir()) / "serial-line-test-tty";
    start(path.string());
    const int descriptor = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK);
    ASSERT_GE(descriptor, 0);
    termios settings{};
    ASSERT_EQ(::tcgetattr(descriptor, &settings), 0);
    ::cfsetspeed(&settings, B115200);
    ASSERT_EQ(::tcsetattr(descriptor, TCSANOW, &settings), 0);
    measures(descriptor);
    ::close(descriptor);
}

// As docs/debugging.md has it: a name alone is a path, too.
TEST_F(SerialLineTest, IsALinkOfAnyName) {
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(testing::TempDir());
    start("serial-line-test.tty");
    EXPECT_TRUE(std::filesystem::is_symlink("serial-line-test.tty"));
    line.reset();
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status("serial-line-test.tty")));
    std::filesystem::current_path(before);
}

TEST_F(SerialLineTest, ReachesARunningProgramThroughTcp) {
    start("127.0.0.1:0");
    const int descriptor = connect_to(name);
    measures(descriptor);
    ::close(descriptor);
}

TEST_F(SerialLineTest, StartsTheLoaderAsItIsOpenedAndTheProgramAsItIsClosed) {
    start("127.0.0.1:0", true);
    const int descriptor = connect_to(name);
    say(descriptor, "\x7f");
    EXPECT_EQ(come(descriptor, 1), "\x79");
    EXPECT_TRUE(board.machine().in_system_loader());
    ::close(descriptor);
    const int again = connect_to(name);
    static_cast<void>(come(again, 1, Time{20'000'000'000}));
    ::close(again);
    line->serve();
    EXPECT_FALSE(board.machine().in_system_loader());
}

// The pull-up of a Blue Pill is always on: its host asks again and again who is there, and nobody answers. Tools on the
// serial line give up after half a second.
TEST(ServedBoard, LetsLittleTimePassAtOnceWhileTheHostAsksInVain) {
    ServedBoard blank(
        {.board = *find_board("bluepill"), .load = [](Machine&) {}, .button_held = false, .boot0_high = true}, 1);
    for (const Time end = blank.now() + Time{8'000'000'000'000}; blank.now() < end;) {
        const Time before = blank.now();
        static_cast<void>(blank.run_frame());
        ASSERT_LT(blank.now() - before, Time{100'000'000'000}) << "at " << seconds(before) << " s";
    }
    EXPECT_FALSE(blank.device().has_value());
}

}  // namespace
}  // namespace sim::serve
