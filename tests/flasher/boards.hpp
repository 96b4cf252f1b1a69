// SPDX-License-Identifier: ISC
// Virtual boards behind a USB/IP server that runs in a thread of its own, in step with the clock.
#pragma once

#include <atomic>
#include <csignal>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "sim/board/boards.hpp"
#include "sim/serve/usbip/server.hpp"
#include "tests/support/paths.hpp"

namespace flasher::test {

class BoardsServer {
  public:
    using Load = std::function<void(unsigned number, sim::Machine&)>;

    /// `count` boards with `load` in their flash, or with the bootloader of the Blue Pill.
    explicit BoardsServer(unsigned count, Load load = {}, bool fast = false) {
        for (unsigned number = 1; number <= count; ++number) {
            const sim::serve::BoardSetup setup{.board = *sim::find_board("bluepill"),
                                               .load = [&](sim::Machine& machine) {
                                                   if (load) return load(number, machine);
                                                   machine.load(test_paths::firmware() / "dapboot-bluepill.bin");
                                               }};
            boards_.push_back(std::make_unique<sim::serve::ServedBoard>(setup, number));
        }
        server_ = std::make_unique<sim::serve::usbip::Server>(
            sim::serve::usbip::ServerOptions{.usbip = {}, .console = {}, .fast = fast}, boards_,
            [](const std::string&) {});
        thread_ = std::thread([this] {
            while (!stop_) {
                const std::lock_guard lock(mutex_);
                server_->serve_once();
            }
        });
    }
    ~BoardsServer() {
        stop_ = true;
        thread_.join();
    }
    BoardsServer(const BoardsServer&) = delete;
    BoardsServer& operator=(const BoardsServer&) = delete;

    /// "--usbip :PORT".
    [[nodiscard]] std::string option() const { return "--usbip 127.0.0.1:" + std::to_string(server_->usbip_port()); }

    /// Does something to a board (numbered from 1) between two frames.
    template <class Work>
    auto with_board(unsigned number, Work work) {
        const std::lock_guard lock(mutex_);
        return work(*boards_[number - 1]);
    }

    /// Waits until `number` has a device on the bus. False when that takes longer than it should.
    bool wait_for_device(unsigned number) {
        for (int i = 0; i < 1'000; ++i) {
            if (with_board(number, [](auto& board) { return board.device().has_value(); })) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return false;
    }
    bool wait_for_devices() {
        for (unsigned number = 1; number <= boards_.size(); ++number)
            if (!wait_for_device(number)) return false;
        return true;
    }

  private:
    sim::serve::usbip::Boards boards_;
    std::unique_ptr<sim::serve::usbip::Server> server_;
    std::atomic<bool> stop_ = false;
    std::mutex mutex_;
    std::thread thread_;
};

}  // namespace flasher::test
