// SPDX-License-Identifier: ISC
// The board's thread: do what was asked, let virtual time pass up to the wall clock's, look at the port, tell the
// watchers; again.
#include "sim/serve/live_board.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "flasher/device_info.hpp"
#include "sim/usb/bus_timing.hpp"
#include "sim/usb/enumeration.hpp"

namespace sim::serve {
namespace {

using Clock = std::chrono::steady_clock;

/// Virtual time passes in steps of this much: short enough that a request is taken up at once.
constexpr Time step_span = millisecond;
/// A machine that cannot keep up runs late instead of ever faster to catch up.
constexpr auto tolerated_lag = std::chrono::milliseconds(100);
constexpr auto publication_interval = std::chrono::milliseconds(16);
/// As Linux does: a few attempts, then the port is left alone until something new attaches.
constexpr int enumeration_attempts = 4;
constexpr Time enumeration_pause = 500 * millisecond;
/// A bootloader decides within microseconds whether to stay; an application starts as fast.
constexpr Time settle_after_reset = 20 * millisecond;

}  // namespace

LiveBoard::LiveBoard(const Board& board, const std::string& firmware)
    : machine_(board.chip, board.wiring), host_(machine_.usb(), machine_) {
    machine_.load(firmware);
    machine_.power_on();
    state_.powered = true;
    thread_ = std::thread([this] { run(); });
}

LiveBoard::~LiveBoard() {
    {
        const std::lock_guard lock(work_mutex_);
        stop_ = true;
    }
    work_came_.notify_one();
    thread_.join();
}

int LiveBoard::watch(std::function<void(const BoardState&)> watcher) {
    return ask([this, &watcher] {
        const std::lock_guard lock(watchers_mutex_);
        watcher(state_);
        watchers_[++last_watcher_] = std::move(watcher);
        return last_watcher_;
    });
}

void LiveBoard::unwatch(int number) {
    const std::lock_guard lock(watchers_mutex_);
    watchers_.erase(number);
}

template <class Work>
auto LiveBoard::ask(Work work) -> decltype(work()) {
    using Answer = decltype(work());
    auto guarded = [this, work = std::move(work)]() mutable -> Answer {
        try {
            return work();
        } catch (const MachineError& error) {
            halt(error);
            return Answer();
        }
    };
    // Shared: the queue's std::function must be copyable, a packaged_task is not.
    auto task = std::make_shared<std::packaged_task<Answer()>>(std::move(guarded));
    auto answer = task->get_future();
    {
        const std::lock_guard lock(work_mutex_);
        work_.emplace_back([task] { (*task)(); });
    }
    work_came_.notify_one();
    return answer.get();
}

Transfer LiveBoard::control_in(unsigned attachment, const flasher::SetupPacket& setup) {
    return ask([this, attachment, setup]() -> Transfer {
        if (!present(attachment)) return {};
        std::vector<std::uint8_t> data(setup.wLength);
        const auto result = transport_->control_in(setup, data);
        data.resize(std::min(result.length, data.size()));
        return finish(result, std::move(data));
    });
}

Transfer LiveBoard::control_out(unsigned attachment, const flasher::SetupPacket& setup,
                                const std::vector<std::uint8_t>& data) {
    return ask([this, attachment, &setup, &data]() -> Transfer {
        if (!present(attachment)) return {};
        return finish(transport_->control_out(setup, data), {});
    });
}

Transfer LiveBoard::bus_reset(unsigned attachment) {
    return ask([this, attachment]() -> Transfer {
        if (!present(attachment)) return {};
        const auto outcome = transport_->bus_reset();
        if (outcome != flasher::Outcome::ok) drop_device();
        return {outcome, {}, {}};
    });
}

void LiveBoard::press_reset() {
    ask([this] {
        if (!state_.powered) return;
        state_.halted.clear();
        machine_.reset();
        suspect_ = true;
        next_enumeration_ = host_.now() + settle_after_reset;
    });
}

void LiveBoard::set_button(bool pressed) {
    ask([this, pressed] {
        if (!machine_.wiring().has_button) return;
        machine_.press_button(pressed);
        state_.button = pressed;
    });
}

void LiveBoard::set_power(bool on) {
    ask([this, on] {
        if (on == state_.powered) return;
        state_.halted.clear();
        state_.powered = on;
        if (on)
            machine_.power_on();
        else
            machine_.power_off();
    });
}

void LiveBoard::run() {
    Clock::time_point wall = Clock::now();
    Time board_time = host_.now();
    for (;;) {
        const auto behind = [&] {
            return (Clock::now() - wall) - std::chrono::duration_cast<Clock::duration>(host_.now() - board_time);
        };
        {
            std::unique_lock lock(work_mutex_);
            // Ahead of the wall clock: wait for it, or for work. Virtual time may run ahead by what a transfer took;
            // the next one waits that long, as it would on a wire.
            const auto ahead = -behind();
            if (ahead > Clock::duration::zero()) work_came_.wait_for(lock, ahead, [this] { return stop_; });
            if (stop_) return;
        }
        work_off();
        step();
        publish();
        if (behind() > tolerated_lag) {
            wall = Clock::now();
            board_time = host_.now();
        }
    }
}

void LiveBoard::work_off() {
    for (;;) {
        std::function<void()> next;
        {
            const std::lock_guard lock(work_mutex_);
            if (work_.empty()) return;
            next = std::move(work_.front());
            work_.pop_front();
        }
        next();
    }
}

void LiveBoard::step() {
    try {
        if (state_.halted.empty()) {
            host_.advance_to(host_.now() + step_span);
            attend_port();
        } else {
            std::this_thread::sleep_for(publication_interval);
        }
    } catch (const MachineError& error) {
        halt(error);
    }
    state_.led = state_.halted.empty() && machine_.led_lit();
    state_.time = host_.now();
}

void LiveBoard::attend_port() {
    const PortState port = host_.port_state();
    if (port == PortState::disconnected) {
        drop_device();
        failed_enumerations_ = 0;
        suspect_ = false;
        return;
    }
    if (host_.now() < next_enumeration_) return;
    if (transport_ && suspect_) {
        // After a reset a board with a fixed pull-up is attached whatever its program does. Linux would find out at the
        // next transfer; people look at the screen now.
        suspect_ = false;
        std::uint8_t status[2];
        const flasher::SetupPacket get_status{0x80, 0, 0, 0, 2};
        if (!transport_->control_in(get_status, status).ok()) drop_device();
    }
    if (transport_ || failed_enumerations_ >= enumeration_attempts) return;
    try {
        transport_.emplace(host_, host_.timing().debounce + millisecond);
        const auto info = flasher::read_device_info(*transport_);
        state_.device = AttachedDevice{++attachments_, info.device.idVendor, info.device.idProduct, info.product,
                                       info.serial_number};
        failed_enumerations_ = 0;
    } catch (const MachineError&) {
        throw;
    } catch (const std::exception&) {
        // Nobody answers: an application without USB, behind a pull-up that is always there.
        transport_.reset();
        ++failed_enumerations_;
        next_enumeration_ = host_.now() + enumeration_pause;
    }
}

void LiveBoard::halt(const MachineError& error) {
    state_.halted = error.cause();
    drop_device();
}

void LiveBoard::drop_device() {
    transport_.reset();
    state_.device.reset();
}

bool LiveBoard::present(unsigned attachment) const {
    return state_.halted.empty() && transport_ && state_.device && state_.device->attachment == attachment;
}

Transfer LiveBoard::finish(flasher::TransferResult result, std::vector<std::uint8_t> data) {
    Transfer transfer{result.outcome, std::move(data), {}};
    if (!result.ok() && transport_) transfer.detail = transport_->last_detail();
    if (result.outcome == flasher::Outcome::gone) drop_device();
    return transfer;
}

void LiveBoard::publish() {
    const auto now = Clock::now();
    if (state_.looks_like(published_) || now - last_publication_ < publication_interval) return;
    last_publication_ = now;
    published_ = state_;
    const std::lock_guard lock(watchers_mutex_);
    for (const auto& [number, watcher] : watchers_)
        watcher(state_);
}

}  // namespace sim::serve
