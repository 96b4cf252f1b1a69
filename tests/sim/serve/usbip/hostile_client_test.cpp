// SPDX-License-Identifier: ISC
// Clients that lie, stop half-way, or never read: each loses its connection, and the server and a well-behaved client
// beside it go on.
#include <random>

#include <gtest/gtest.h>

#include "tests/sim/serve/usbip/server_bench.hpp"

namespace sim::serve::usbip::test {
namespace {

class UsbipHostileClientTest : public testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(bench.wait_for_devices()) << bench.log; }

    /// A client beside the hostile one is still served.
    void TearDown() override {
        TestClient client(bench.server->usbip_port());
        client.send(list_request());
        EXPECT_TRUE(bench.wait_for(client, 12)) << bench.log;
        EXPECT_EQ(word_at(client.received, 8), 1U) << bench.log;
    }

    void expect_dropped(TestClient& client) {
        EXPECT_TRUE(bench.wait_for_end(client)) << bench.log;
        EXPECT_NE(bench.log.find("dropped"), std::string::npos) << bench.log;
    }

    ServerBench bench;
};

TEST_F(UsbipHostileClientTest, SomethingElseThanUsbip) {
    TestClient client(bench.server->usbip_port());
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    expect_dropped(client);
}

TEST_F(UsbipHostileClientTest, ALengthOfFourGigabytes) {
    auto client = bench.import("1-1");
    client.send(bytes_of({.endpoint = 1, .length = 0xffff'fff0, .payload = {}}));
    expect_dropped(client);
}

TEST_F(UsbipHostileClientTest, AnotherDeviceThanTheImportedOne) {
    auto client = bench.import("1-1");
    client.send(bytes_of({.devid = 0x0001'0003, .payload = {}}));
    expect_dropped(client);
}

TEST_F(UsbipHostileClientTest, ACommandCutOffInTheMiddle) {
    {
        auto client = bench.import("1-1");
        auto half = bytes_of({.length = 64, .setup = {0x21, 1, 0, 0, 0, 0, 64, 0}, .payload = {}});
        half.resize(60);
        client.send(half);
        for (int i = 0; i < 20; ++i)
            bench.server->serve_once();
    }
    ASSERT_TRUE(bench.serve_until([&] { return bench.log.find("1-1: released") != std::string::npos; }));
    static_cast<void>(bench.import("1-1"));
}

TEST_F(UsbipHostileClientTest, MoreTransfersThanAnyDriverQueues) {
    auto client = bench.import("1-1");
    Octets many;
    // An endpoint that does not exist answers at once; endpoint 0 takes its time.
    for (std::uint32_t i = 0; i < 3000; ++i) {
        const auto one = bytes_of(control_in(i, {0xa1, 3, 0, 0, 0, 0, 6, 0}));
        many.insert(many.end(), one.begin(), one.end());
    }
    client.send(many);
    expect_dropped(client);
}

TEST_F(UsbipHostileClientTest, ALineWithoutAnEnd) {
    TestClient console(bench.server->console_port());
    console.send(std::string(5000, 'x'));
    expect_dropped(console);
}

TEST_F(UsbipHostileClientTest, MoreConnectionsThanThereIsRoomFor) {
    std::vector<std::unique_ptr<TestClient>> crowd;
    for (int i = 0; i < 100; ++i) {
        crowd.push_back(std::make_unique<TestClient>(bench.server->usbip_port()));
        bench.server->serve_once();
    }
    EXPECT_NE(bench.log.find("refused"), std::string::npos);
    crowd.clear();
    for (int i = 0; i < 20; ++i)
        bench.server->serve_once();
}

TEST_F(UsbipHostileClientTest, ThousandsOfDamagedStreams) {
    std::mt19937 random(20);
    const auto number = [&](std::size_t below) { return static_cast<std::uint32_t>(random() % below); };
    for (int round = 0; round < 1500; ++round) {
        TestClient client(bench.server->usbip_port());
        Octets stream = round % 3 == 0 ? list_request() : import_request("1-1");
        for (int i = 0; i < 4 && round % 3 != 0; ++i) {
            auto command = control_in(number(1000), {0xa1, 3, 0, 0, 0, 0, 6, 0});
            command.endpoint = number(18);
            command.direction = number(3);
            const auto bytes = bytes_of(command);
            stream.insert(stream.end(), bytes.begin(), bytes.end());
        }
        for (unsigned flips = number(4); flips > 0; --flips)
            stream[number(stream.size())] = static_cast<std::uint8_t>(number(256));
        stream.resize(number(stream.size() + 1));
        client.send(stream);
        for (int i = 0; i < 3; ++i)
            bench.server->serve_once();
    }
    // Whatever DFU requests came through: power makes the board new.
    bench.boards[0]->set_power(false);
    for (int i = 0; i < 10; ++i)
        bench.server->serve_once();
    bench.boards[0]->set_power(true);
    ASSERT_TRUE(bench.wait_for_devices()) << bench.log;
}

}  // namespace
}  // namespace sim::serve::usbip::test
