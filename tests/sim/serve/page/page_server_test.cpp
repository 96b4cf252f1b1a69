// SPDX-License-Identifier: ISC
// `dapboot-sim serve --page` with several boards, over real sockets: each is a board of its own, and only pages that
// this server has served reach one.
#include <array>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <civetweb.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/paths.hpp"

namespace {

using namespace std::chrono_literals;
using nlohmann::json;

/// The program, from its start to its end by SIGTERM.
class PageServer {
  public:
    explicit PageServer(const std::string& boards) {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        const std::string program = test_paths::built("sim/dapboot-sim").string(),
                          firmware = test_paths::firmware("dapboot-bluepill.elf").string(),
                          page = test_paths::source("tests/sim/serve/page/content").string();
        process_ = fork();
        if (process_ == 0) {
            dup2(ends[1], STDOUT_FILENO);
            execl(program.c_str(), program.c_str(), "serve", firmware.c_str(), "--page", page.c_str(), "--port", "0",
                  "--boards", boards.c_str(), nullptr);
            _exit(127);
        }
        close(ends[1]);
        FILE* output = fdopen(ends[0], "r");
        std::array<char, 256> line{};
        if (std::fgets(line.data(), line.size(), output) != nullptr) greeting = line.data();
        std::fclose(output);
        const auto colon = greeting.rfind(':');
        if (colon != std::string::npos) port = std::atoi(greeting.c_str() + colon + 1);
    }
    ~PageServer() { end(); }
    PageServer(const PageServer&) = delete;
    PageServer& operator=(const PageServer&) = delete;

    /// Its exit code; -1 when it has none, or had ended before.
    int end() {
        if (process_ <= 0) return -1;
        kill(process_, SIGTERM);
        int status = 0;
        waitpid(process_, &status, 0);
        process_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

    std::string greeting;
    int port = 0;

  private:
    pid_t process_ = 0;
};

/// Where the pages of this server come from, as CivetWeb's client spells its Host: without the port.
const std::string here = "http://127.0.0.1";

/// A page's connection to one board; messages are awaited in real time.
class Connection {
  public:
    Connection(int port, int board, const std::string& origin) {
        std::array<char, 256> error{};
        wire_ = mg_connect_websocket_client(
            "127.0.0.1", port, 0, error.data(), error.size(), ("/board/" + std::to_string(board)).c_str(),
            origin.c_str(),
            [](mg_connection*, int bits, char* data, std::size_t size, void* self) {
                if ((bits & 0x0F) == MG_WEBSOCKET_OPCODE_TEXT)
                    static_cast<Connection*>(self)->take(json::parse(std::string(data, size)));
                return 1;
            },
            nullptr, this);
    }
    ~Connection() {
        if (wire_ != nullptr) mg_close_connection(wire_);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] bool open() const { return wire_ != nullptr; }

    void say(const json& message) {
        const auto text = message.dump();
        mg_websocket_client_write(wire_, MG_WEBSOCKET_OPCODE_TEXT, text.data(), text.size());
    }

    /// The first message since the last one found for which `wanted` holds; null when none comes in time.
    template <class Wanted>
    json next(Wanted wanted) {
        std::unique_lock lock(mutex_);
        json found;
        came_.wait_for(lock, 20s, [&] {
            for (; read_ < messages_.size(); ++read_)
                if (wanted(messages_[read_])) {
                    found = messages_[read_++];
                    return true;
                }
            return false;
        });
        return found;
    }

  private:
    void take(json message) {
        const std::lock_guard lock(mutex_);
        messages_.push_back(std::move(message));
        came_.notify_all();
    }

    mg_connection* wire_ = nullptr;
    std::mutex mutex_;
    std::condition_variable came_;
    std::vector<json> messages_;
    std::size_t read_ = 0;
};

TEST(PageServerTest, EachOfSeveralBoardsIsOneOfItsOwn) {
    PageServer server("3");
    EXPECT_NE(server.greeting.find("3 virtual boards: http://localhost:"), std::string::npos) << server.greeting;
    ASSERT_NE(server.port, 0);

    std::set<std::string> names, serials;
    for (int board = 0; board < 3; ++board) {
        SCOPED_TRACE(board);
        Connection page(server.port, board, here);
        ASSERT_TRUE(page.open());
        const auto attached =
            page.next([](const json& message) { return message.contains("device") && !message["device"].is_null(); });
        ASSERT_FALSE(attached.is_null());
        names.insert(attached["name"]);
        serials.insert(attached["device"]["serial"]);
        page.say({{"id", 1}, {"do", "open"}});
        EXPECT_EQ(page.next([](const json& message) { return message.value("id", 0) == 1; })["result"], "ok");
    }
    EXPECT_EQ(names.size(), 3U);
    EXPECT_EQ(serials.size(), 3U);
    EXPECT_FALSE(Connection(server.port, 3, here).open());
    EXPECT_EQ(server.end(), 0);
}

TEST(PageServerTest, APageFromElsewhereReachesNoBoard) {
    const PageServer server("1");
    ASSERT_NE(server.port, 0);
    EXPECT_FALSE(Connection(server.port, 0, "https://example.com").open());
    EXPECT_TRUE(Connection(server.port, 0, here).open());
}

}  // namespace
