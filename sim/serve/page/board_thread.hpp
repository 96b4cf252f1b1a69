// SPDX-License-Identifier: ISC
// A served board in a thread of its own, its virtual time paced to the wall clock.
//
// Any thread may ask; the board's thread does the work between two frames and returns the answer.
// What the board shows to people (LED, device on the bus) goes to watchers.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sim/serve/pacer.hpp"
#include "sim/serve/served_board.hpp"

namespace sim::serve::page {

/// The device on the bus, as the host has enumerated it.
struct AttachedDevice {
    unsigned attachment = 0;  ///< Another number each time a device attaches.
    std::uint16_t vendor_id = 0;
    std::uint16_t product_id = 0;
    std::string product;
    std::string serial;

    bool operator==(const AttachedDevice&) const = default;
};

/// What a person sees of the board.
struct BoardState {
    bool powered = false;
    bool button = false;
    bool led = false;
    Time time{};  ///< Virtual.
    std::optional<AttachedDevice> device;
    std::string halted;  ///< Why the chip is halted, when it is.

    /// The same but for the time.
    [[nodiscard]] bool looks_like(const BoardState& other) const {
        return powered == other.powered && button == other.button && led == other.led && device == other.device &&
               halted == other.halted;
    }
};

/// How a transfer ended, and the bytes that came.
struct Answer {
    TransferResult result{.end = TransferEnd::gone, .length = 0, .detail = {}};
    std::vector<std::uint8_t> data{};
};

class BoardThread {
  public:
    /// Makes the board and starts its thread. Throws as ServedBoard does.
    BoardThread(const BoardSetup& setup, unsigned number);
    ~BoardThread();
    BoardThread(const BoardThread&) = delete;
    BoardThread& operator=(const BoardThread&) = delete;

    /// `watcher` gets the present state at once and each new one later, at most every 16 ms, from
    /// the board's thread, and must not wait for the board. Returns a number for unwatch().
    int watch(std::function<void(const BoardState&)> watcher);
    /// After it returns, the watcher is not called any more.
    void unwatch(int number);

    // These wait until the board has done it.

    /// A control transfer with the device of this attachment; `gone` when that one has left.
    Answer control_in(unsigned attachment, const flasher::SetupPacket& setup);
    Answer control_out(unsigned attachment, const flasher::SetupPacket& setup, const std::vector<std::uint8_t>& data);
    /// `gone` when that device is not there any more, or another one is.
    Answer bus_reset(unsigned attachment);
    void press_reset();
    void set_button(bool pressed);
    void set_power(bool on);
    /// Anything else, in the board's thread.
    void between_frames(const std::function<void(ServedBoard&)>& work);
    /// Calls `work` after each frame, in the board's thread; an empty one ends that.
    void after_each_frame(std::function<void()> work);

  private:
    void run();
    void work_off();
    void publish();
    [[nodiscard]] BoardState state() const;
    [[nodiscard]] bool present(unsigned attachment) const;
    /// Runs `work` in the board's thread and waits for what it returns.
    template <class Work>
    auto ask(Work work) -> decltype(work());

    // The board's thread alone touches these.
    ServedBoard board_;
    Pacer pacer_;
    BoardState published_;
    WallClock::time_point last_publication_;
    std::function<void()> after_frame_;

    std::mutex watchers_mutex_;
    std::map<int, std::function<void(const BoardState&)>> watchers_;
    int last_watcher_ = 0;

    std::mutex work_mutex_;
    std::condition_variable work_came_;
    std::deque<std::function<void()>> work_;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace sim::serve::page
