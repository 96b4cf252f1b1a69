// SPDX-License-Identifier: ISC
// What a well-behaved client sees of the server, over TCP, with the real bootloader on the board.
#include "sim/serve/usbip/server.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "tests/sim/serve/usbip/server_bench.hpp"

namespace sim::serve::usbip::test {
namespace {

constexpr std::array<std::uint8_t, 8> device_descriptor{0x80, 6, 0, 1, 0, 0, 18, 0};
constexpr std::array<std::uint8_t, 8> get_dfu_state{0xa1, 5, 0, 0, 0, 0, 1, 0};
constexpr std::array<std::uint8_t, 8> get_dfu_status{0xa1, 3, 0, 0, 0, 0, 6, 0};
constexpr std::array<std::uint8_t, 8> device_qualifier{0x80, 6, 0, 6, 0, 0, 10, 0};
constexpr std::array<std::uint8_t, 8> first_look{0x80, 6, 0, 1, 0, 0, 64, 0};

class UsbipServerTest : public testing::Test {
  protected:
    /// Two blocks of a download, each DFU_DNLOAD with the DFU_GETSTATUS that sets its work off and time for that. The
    /// second is flashed at once; the first, with the vectors, would be at the end.
    static void download_two_blocks(ServedBoard& board) {
        Octets block(1024, 0x5a);
        const Octets vectors{0x00, 0x50, 0x00, 0x20, 0x01, 0x21, 0x00, 0x08};  // an application, by the look of it
        std::ranges::copy(vectors, block.begin());
        for (std::uint16_t number = 0; number < 2; ++number) {
            (void)board.control_out(
                {.bmRequestType = 0x21, .bRequest = 1, .wValue = number, .wIndex = 0, .wLength = 1024}, block);
            Octets status(6);
            (void)board.control_in({.bmRequestType = 0xa1, .bRequest = 3, .wValue = 0, .wIndex = 0, .wLength = 6},
                                   status);
            for (int frame = 0; frame < 100; ++frame)
                (void)board.run_frame();
        }
    }
    /// The answer to one control read: status, then the data.
    std::pair<std::int32_t, Octets> ask(TestClient& client, const Command& command) {
        client.received.clear();
        client.send(bytes_of(command));
        EXPECT_TRUE(bench.wait_for(client, 48)) << bench.log;
        const auto status = static_cast<std::int32_t>(word_at(client.received, 20));
        const auto length = command.direction == 1 ? word_at(client.received, 24) : 0;
        EXPECT_EQ(word_at(client.received, 4), command.sequence);
        EXPECT_TRUE(bench.wait_for(client, 48 + length));
        return {status, Octets(client.received.begin() + 48, client.received.end())};
    }

    ServerBench bench{2};
};

TEST_F(UsbipServerTest, ListsEveryDeviceAndEachHasItsSerialNumber) {
    ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
    TestClient client(bench.server->usbip_port());
    client.send(list_request());
    ASSERT_TRUE(bench.wait_for(client, 12 + 2 * (312 + 4)));
    EXPECT_EQ(word_at(client.received, 8), 2U);

    Octets serials[2];
    for (int i = 0; i < 2; ++i) {
        auto one = bench.import(i == 0 ? "1-1" : "1-2");
        Command command = control_in(1, {0x80, 6, 3, 3, 9, 4, 50, 0});
        command.devid = 0x0001'0002U + static_cast<unsigned>(i);
        const auto [status, serial] = ask(one, command);
        EXPECT_EQ(status, 0);
        EXPECT_EQ(serial.size(), 50U);
        serials[i] = serial;
    }
    EXPECT_NE(serials[0], serials[1]);
}

TEST_F(UsbipServerTest, CarriesDescriptorsStatesAndStalls) {
    ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
    auto client = bench.import("1-1");
    const auto [status, descriptor] = ask(client, control_in(1, device_descriptor));
    EXPECT_EQ(status, 0);
    ASSERT_EQ(descriptor.size(), 18U);
    EXPECT_EQ(descriptor[8], 0x09);
    EXPECT_EQ(descriptor[9], 0x12);
    EXPECT_EQ(ask(client, control_in(2, get_dfu_state)).second, (Octets{2}));
    EXPECT_EQ(ask(client, control_in(3, device_qualifier)).first, -32);
    // A refused download: its data is read, and the stream goes on.
    Command download{.sequence = 4, .length = 64, .setup = {0x21, 1, 9, 0, 0, 0, 64, 0}, .payload = Octets(64, 0)};
    EXPECT_EQ(ask(client, download).first, -32);
    EXPECT_EQ(ask(client, control_in(5, get_dfu_status)).second.at(4), 10);
}

TEST_F(UsbipServerTest, OneClientAtATimeHasADevice) {
    ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
    {
        auto first = bench.import("1-1");
        TestClient second(bench.server->usbip_port());
        second.send(import_request("1-1"));
        ASSERT_TRUE(bench.wait_for_end(second));
        EXPECT_EQ(second.received, (Octets{1, 0x11, 0, 3, 0, 0, 0, 2}));
        EXPECT_EQ(ask(first, control_in(1, get_dfu_state)).first, 0);
    }
    // The first one has gone, without a word.
    ASSERT_TRUE(bench.serve_until([&] { return bench.log.find("1-1: released") != std::string::npos; }));
    auto third = bench.import("1-1");
    EXPECT_EQ(ask(third, control_in(1, get_dfu_state)).first, 0);
}

TEST_F(UsbipServerTest, ADeviceThatLeavesEndsTheConnectionAndComesBack) {
    ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
    auto client = bench.import("1-1");
    bench.boards[0]->set_power(false);
    ASSERT_TRUE(bench.wait_for_end(client));
    TestClient late(bench.server->usbip_port());
    late.send(import_request("1-1"));
    ASSERT_TRUE(bench.wait_for_end(late));
    EXPECT_EQ(late.received, (Octets{1, 0x11, 0, 3, 0, 0, 0, 4}));
    bench.boards[0]->set_power(true);
    ASSERT_TRUE(bench.wait_for_devices());
    auto again = bench.import("1-1");
    EXPECT_EQ(ask(again, control_in(1, get_dfu_state)).second, (Octets{2}));
}

TEST_F(UsbipServerTest, DfuDetachIsAnsweredBeforeTheDeviceLeaves) {
    ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
    auto client = bench.import("1-1");
    const auto [status, data] = ask(client, {.sequence = 3, .setup = {0x21, 0, 0, 0, 0, 0, 0, 0}, .payload = {}});
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(bench.wait_for_end(client));
}

TEST_F(UsbipServerTest, TheFirstLookOfAHubResetsTheBus) {
    ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
    auto client = bench.import("1-1");
    const auto resets = [&] {
        std::size_t count = 0;
        for (auto at = bench.log.find("1-1: port reset"); at != std::string::npos;
             at = bench.log.find("1-1: port reset", at + 1))
            ++count;
        return count;
    };
    EXPECT_EQ(ask(client, control_in(1, first_look)).second.size(), 18U);
    EXPECT_EQ(resets(), 1U);
    // The same request while others are under way is a program's, and no reset.
    client.received.clear();
    Octets both = bytes_of(control_in(2, get_dfu_state));
    const auto look = bytes_of(control_in(3, first_look));
    both.insert(both.end(), look.begin(), look.end());
    client.send(both);
    ASSERT_TRUE(bench.wait_for(client, 49 + 48 + 18));
    EXPECT_EQ(resets(), 1U);
    // The states of DFU do not outlive a bus reset.
    Command refused{.sequence = 4, .setup = {0x21, 1, 0, 0, 0, 0, 0, 0}, .payload = {}};
    EXPECT_EQ(ask(client, refused).first, -32);
    EXPECT_EQ(ask(client, control_in(5, get_dfu_state)).second, (Octets{10}));
    std::this_thread::sleep_for(std::chrono::milliseconds(80));
    EXPECT_EQ(ask(client, control_in(6, first_look)).first, 0);
    EXPECT_EQ(resets(), 2U);
    EXPECT_EQ(ask(client, control_in(7, get_dfu_state)).second, (Octets{2}));
}

TEST_F(UsbipServerTest, ATransferThatIsOverCannotBeTakenBack) {
    ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
    auto client = bench.import("1-1");
    EXPECT_EQ(ask(client, control_in(1, get_dfu_state)).first, 0);
    client.received.clear();
    client.send(unlink(2, 1));
    ASSERT_TRUE(bench.wait_for(client, 48));
    EXPECT_EQ(word_at(client.received, 0), 4U);
    EXPECT_EQ(word_at(client.received, 20), 0U);
    // One that is under way is taken back, and never answered.
    client.received.clear();
    Octets both = bytes_of(control_in(3, get_dfu_state));
    const auto taken_back = unlink(4, 3);
    both.insert(both.end(), taken_back.begin(), taken_back.end());
    client.send(both);
    ASSERT_TRUE(bench.wait_for(client, 48));
    EXPECT_EQ(word_at(client.received, 4), 4U);
    EXPECT_EQ(static_cast<std::int32_t>(word_at(client.received, 20)), -104);
    EXPECT_EQ(ask(client, control_in(5, get_dfu_state)).first, 0);
}

TEST_F(UsbipServerTest, TheConsoleMovesButtonsAndCables) {
    ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
    TestClient console(bench.server->console_port());
    console.send("button 1-1 on\nlist\n");
    ASSERT_TRUE(bench.serve_until([&] {
        console.poll();
        return std::string(console.received.begin(), console.received.end()).ends_with("ok\n") &&
               console.received.size() > 10;
    }));
    const std::string answer(console.received.begin(), console.received.end());
    EXPECT_NE(answer.find("1-1: 1209:db42, power on, button on"), std::string::npos) << answer;
    EXPECT_NE(answer.find("1-2: 1209:db42, power on, button off"), std::string::npos) << answer;
    EXPECT_TRUE(carry_out("power 1-1", bench.boards).starts_with("error: "));
    EXPECT_TRUE(carry_out("power 1-9 off", bench.boards).starts_with("error: "));
    EXPECT_TRUE(carry_out("reset", bench.boards).starts_with("error: "));
    EXPECT_EQ(carry_out("power 1-1 off", bench.boards), "ok\n");
    EXPECT_FALSE(bench.boards[0]->powered());
    EXPECT_EQ(carry_out("\r\n", bench.boards), "");
}

TEST_F(UsbipServerTest, TheConsolePullsTheCableAtAFlashOperation) {
    ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
    auto& board = *bench.boards[0];
    for (const char* line : {"cut 1-1 0", "cut 1-1 -1", "cut 1-1 5x", "cut 1-1 99999999999", "cut 1-1 on"})
        EXPECT_TRUE(carry_out(line, bench.boards).starts_with("error: a flash operation is")) << line;
    EXPECT_TRUE(carry_out("cut 1-1", bench.boards).starts_with("error: expected"));
    EXPECT_TRUE(board.powered());

    const auto before = board.flash_operations();
    ASSERT_EQ(carry_out("cut 1-1 100", bench.boards), "ok\n");
    download_two_blocks(board);
    EXPECT_FALSE(board.powered());
    EXPECT_EQ(board.flash_operations() - before, 100U);
    EXPECT_FALSE(board.device());

    // Once, and not again: without an application it is the bootloader that comes back.
    ASSERT_EQ(carry_out("power 1-1 on", bench.boards), "ok\n");
    ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
    download_two_blocks(board);
    EXPECT_TRUE(board.powered());
    EXPECT_GT(board.flash_operations(), before + 511);
}

TEST_F(UsbipServerTest, PowerThatIsSwitchedTakesAPlannedCutBack) {
    ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
    auto& board = *bench.boards[0];
    const auto before = board.flash_operations();
    for (const char* line : {"cut 1-1 1", "power 1-1 off", "power 1-1 on"}) {
        ASSERT_EQ(carry_out(line, bench.boards), "ok\n");
        (void)board.run_frame();  // for the host to see it
    }
    ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
    download_two_blocks(board);
    EXPECT_TRUE(board.powered());
    EXPECT_GT(board.flash_operations(), before + 511);
}

}  // namespace
}  // namespace sim::serve::usbip::test
