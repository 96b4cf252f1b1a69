// SPDX-License-Identifier: ISC
// A page's connection to a served board, without a wire.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

#include "sim/serve/page/board_socket.hpp"

namespace page_test {

using sim::serve::page::BoardSocket;
using sim::serve::page::BoardState;
using sim::serve::page::SharedBoard;

/// Notes every state and every word, as the server's connection does.
class Page {
  public:
    explicit Page(SharedBoard& shared)
        : shared_(shared), socket_(shared, [this](const std::string& text) {
              const std::lock_guard lock(mutex_);
              heard_ += text;
              changed_.notify_all();
          }) {
        watch_ = shared.board.watch([this](const BoardState& state) {
            socket_.note(state);
            const std::lock_guard lock(mutex_);
            state_ = state;
            changed_.notify_all();
        });
    }
    ~Page() { shared_.board.unwatch(watch_); }
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;

    std::string say(const std::string& message) { return socket_.handle(message); }

    /// Waits in real time, as a person does.
    template <class Condition>
    bool becomes(Condition condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return condition(state_); });
    }
    /// What was said unasked and not heard before, once `part` is in it; all of it where that does not come.
    std::string hears(const std::string& part) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(20), [&] { return heard_.find(part) != std::string::npos; });
        return std::exchange(heard_, {});
    }
    bool attached() {
        return becomes([](const BoardState& state) { return state.device.has_value(); });
    }
    unsigned attachment() {
        const std::lock_guard lock(mutex_);
        return state_.device ? state_.device->attachment : 0;
    }

  private:
    SharedBoard& shared_;
    std::mutex mutex_;
    std::condition_variable changed_;
    BoardState state_;
    std::string heard_;
    BoardSocket socket_;
    int watch_ = 0;
};

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace page_test
