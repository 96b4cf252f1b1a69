// SPDX-License-Identifier: ISC
// A server with real boards on real sockets, and a client, in one thread: time passes in the server only while the
// client waits for something.
#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "sim/board/boards.hpp"
#include "sim/serve/usbip/server.hpp"
#include "tests/sim/serve/usbip/messages.hpp"
#include "tests/support/paths.hpp"

namespace sim::serve::usbip::test {

class TestClient {
  public:
    explicit TestClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_.descriptor(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("no connection to the server under test");
    }

    void send(const Octets& bytes) { ::send(socket_.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }
    void send(const std::string& text) { send(Octets(text.begin(), text.end())); }

    /// Takes what has come. False when the server has ended the connection.
    bool poll() {
        std::uint8_t room[4096];
        for (;;) {
            const auto count = ::recv(socket_.descriptor(), room, sizeof room, MSG_DONTWAIT);
            if (count > 0) {
                received.insert(received.end(), room, room + count);
                continue;
            }
            if (count == 0 || (errno != EAGAIN && errno != EINTR)) open = false;
            return open;
        }
    }

    Octets received;
    bool open = true;

  private:
    Socket socket_;
};

class ServerBench {
  public:
    /// `application` is installed after each bootloader, if one is named.
    explicit ServerBench(unsigned count = 1, const std::string& application = {}) {
        const auto images = test_paths::firmware();
        const BoardSetup setup{.board = *find_board("bluepill"), .load = [&](Machine& machine) {
                                   machine.load(images / "dapboot-bluepill.bin");
                                   if (!application.empty()) machine.load(images / application, 0x0800'2000);
                               }};
        for (unsigned number = 1; number <= count; ++number)
            boards.push_back(
                std::make_unique<ServedBoard>(setup, number, [this](const std::string& line) { log += line + "\n"; }));
        server = std::make_unique<Server>(ServerOptions{.usbip = {}, .console = Endpoint{}, .fast = true}, boards,
                                          [this](const std::string& line) { log += line + "\n"; });
    }

    /// Serves until `done`; false when that takes longer than any of it should.
    bool serve_until(const std::function<bool()>& done) {
        const auto end = WallClock::now() + std::chrono::seconds(20);
        while (!done()) {
            if (WallClock::now() > end) return false;
            server->serve_once();
        }
        return true;
    }
    bool wait_for_devices() {
        return serve_until(
            [this] { return std::ranges::all_of(boards, [](const auto& one) { return one->device().has_value(); }); });
    }
    bool wait_for(TestClient& client, std::size_t bytes) {
        return serve_until([&] {
                   client.poll();
                   return client.received.size() >= bytes || !client.open;
               }) &&
               client.received.size() >= bytes;
    }
    bool wait_for_end(TestClient& client) {
        return serve_until([&] { return !client.poll(); });
    }
    /// A connection that has imported the board; what was answered is taken away.
    TestClient import(const std::string& bus_id) {
        TestClient client(server->usbip_port());
        client.send(import_request(bus_id));
        EXPECT_TRUE(wait_for(client, 8 + 312));
        client.received.clear();
        return client;
    }

    std::string log;
    Boards boards;
    std::unique_ptr<Server> server;
};

}  // namespace sim::serve::usbip::test
