// SPDX-License-Identifier: ISC
// One page's use of one virtual board: requests in, answers out.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sim/serve/page/adapters.hpp"
#include "sim/serve/page/board_request.hpp"

namespace sim::serve::page {

/// A board that one user at a time may hold, as with hardware.
struct SharedBoard {
    SharedBoard(const BoardSetup& setup, unsigned number, std::string title, bool with_adapters = false)
        : board(setup, number), name(std::move(title)) {
        if (with_adapters) adapters.emplace(board);
    }

    BoardThread board;
    std::string name;
    std::optional<Adapters> adapters;
    std::atomic<const void*> holder{nullptr};
    std::atomic<const void*> adapter_holder{nullptr};
};

/// What one connection may do with a board. The board outlives it. Not thread-safe: a connection's
/// messages come one after the other.
class BoardSocket {
  public:
    /// `send` takes what is sent unasked, from the board's thread.
    explicit BoardSocket(SharedBoard& shared, std::function<void(const std::string&)> send = {})
        : shared_(shared), send_(std::move(send)) {}
    ~BoardSocket() {
        release();
        release_adapters();
    }
    BoardSocket(const BoardSocket&) = delete;
    BoardSocket& operator=(const BoardSocket&) = delete;

    /// Carries out one message and returns the answer's text.
    [[nodiscard]] std::string handle(std::string_view message);

    /// Called for every new state of the board, from its thread: a device that has left must be opened
    /// again.
    void note(const BoardState& state);

  private:
    [[nodiscard]] std::string carry_out(const BoardRequest& request);
    [[nodiscard]] std::string act(const BoardRequest& request);
    [[nodiscard]] std::string transfer(const BoardRequest& request, unsigned attachment);
    [[nodiscard]] Answer carried_out(const BoardRequest& request, unsigned attachment);
    [[nodiscard]] std::string adapt(const BoardRequest& request);
    [[nodiscard]] std::string adapted(const BoardRequest& request, Adapters& adapters);
    void release();
    void release_adapters();

    SharedBoard& shared_;
    std::function<void(const std::string&)> send_;
    std::atomic<unsigned> present_{0};  ///< Attachment of the device on the bus; 0 for none.
    unsigned opened_ = 0;               ///< Attachment that this connection opened; 0 for none.
};

}  // namespace sim::serve::page
