// SPDX-License-Identifier: ISC
// A virtual board that lives: powered, with a host at its port, in a thread of its own, its virtual time paced to the
// wall clock.
//
// Whoever uses it asks from any thread; the board's thread does the work between two steps and hands the answer back.
// What the board shows to people (LED, device on the bus) goes to watchers.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "flasher/transport.hpp"
#include "sim/board/boards.hpp"
#include "sim/board/machine.hpp"
#include "sim/usb/dfu_transport.hpp"
#include "sim/usb/host.hpp"

namespace sim::serve {

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
    std::string halted;  ///< Why the chip stands still, when it does.

    /// The same but for the time.
    [[nodiscard]] bool looks_like(const BoardState& other) const {
        return powered == other.powered && button == other.button && led == other.led && device == other.device &&
               halted == other.halted;
    }
};

/// How a transfer ended, and the bytes that came.
struct Transfer {
    flasher::Outcome outcome = flasher::Outcome::gone;
    std::vector<std::uint8_t> data;
    std::string detail;  ///< A clause for people, when it is not ok.
};

class LiveBoard {
  public:
    /// Loads the firmware, powers the board and starts its thread. Throws as Machine::load does.
    LiveBoard(const Board& board, const std::string& firmware);
    ~LiveBoard();
    LiveBoard(const LiveBoard&) = delete;
    LiveBoard& operator=(const LiveBoard&) = delete;

    /// `watcher` gets the present state at once and each new one later, at most every 16 ms, from
    /// the board's thread, and must not wait for the board. Returns a number for unwatch().
    int watch(std::function<void(const BoardState&)> watcher);
    /// After it returns, the watcher is not called any more.
    void unwatch(int number);

    // These wait until the board has done it.

    /// A control transfer with the device of this attachment; `gone` when that one has left.
    Transfer control_in(unsigned attachment, const flasher::SetupPacket& setup);
    Transfer control_out(unsigned attachment, const flasher::SetupPacket& setup, const std::vector<std::uint8_t>& data);
    Transfer bus_reset(unsigned attachment);
    void press_reset();
    void set_button(bool pressed);
    void set_power(bool on);

  private:
    void run();
    void step();
    void work_off();
    void attend_port();
    void publish();
    void drop_device();
    void halt(const MachineError& error);
    [[nodiscard]] bool present(unsigned attachment) const;
    Transfer finish(flasher::TransferResult result, std::vector<std::uint8_t> data);
    /// Runs `work` in the board's thread and waits for what it returns; a chip that halts over it
    /// makes that a default value.
    template <class Work>
    auto ask(Work work) -> decltype(work());

    // The board's thread alone touches these.
    Machine machine_;
    UsbHost host_;
    std::optional<HostTransport> transport_;
    BoardState state_;
    BoardState published_;
    unsigned attachments_ = 0;
    int failed_enumerations_ = 0;
    Time next_enumeration_{};
    bool suspect_ = false;  ///< The chip was reset: the device may be deaf though attached.
    std::chrono::steady_clock::time_point last_publication_;

    std::mutex watchers_mutex_;
    std::map<int, std::function<void(const BoardState&)>> watchers_;
    int last_watcher_ = 0;

    std::mutex work_mutex_;
    std::condition_variable work_came_;
    std::deque<std::function<void()>> work_;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace sim::serve
