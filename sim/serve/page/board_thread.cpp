// SPDX-License-Identifier: ISC
// The board's thread: do what was asked, let virtual time pass up to the wall clock's, tell the watchers; again.
#include "sim/serve/page/board_thread.hpp"

#include <memory>
#include <utility>

namespace sim::serve::page {
namespace {

constexpr auto publication_interval = std::chrono::milliseconds(16);

}  // namespace

BoardThread::BoardThread(const BoardSetup& setup, unsigned number) : board_(setup, number) {
    thread_ = std::thread([this] { run(); });
}

BoardThread::~BoardThread() {
    {
        const std::lock_guard lock(work_mutex_);
        stop_ = true;
    }
    work_came_.notify_one();
    thread_.join();
}

int BoardThread::watch(std::function<void(const BoardState&)> watcher) {
    return ask([this, &watcher] {
        const std::lock_guard lock(watchers_mutex_);
        watcher(state());
        watchers_[++last_watcher_] = std::move(watcher);
        return last_watcher_;
    });
}

void BoardThread::unwatch(int number) {
    const std::lock_guard lock(watchers_mutex_);
    watchers_.erase(number);
}

template <class Work>
auto BoardThread::ask(Work work) -> decltype(work()) {
    // Shared: the queue's std::function must be copyable, a packaged_task is not.
    auto task = std::make_shared<std::packaged_task<decltype(work())()>>(std::move(work));
    auto answer = task->get_future();
    {
        const std::lock_guard lock(work_mutex_);
        work_.emplace_back([task] { (*task)(); });
    }
    work_came_.notify_one();
    return answer.get();
}

Answer BoardThread::control_in(unsigned attachment, const flasher::SetupPacket& setup) {
    return ask([&]() -> Answer {
        if (!present(attachment)) return {};
        std::vector<std::uint8_t> data(setup.wLength);
        auto result = board_.control_in(setup, data);
        data.resize(result.length);
        return {std::move(result), std::move(data)};
    });
}

Answer BoardThread::control_out(unsigned attachment, const flasher::SetupPacket& setup,
                                const std::vector<std::uint8_t>& data) {
    return ask([&]() -> Answer {
        if (!present(attachment)) return {};
        return {board_.control_out(setup, data)};
    });
}

Answer BoardThread::bus_reset(unsigned attachment) {
    return ask([&]() -> Answer {
        if (!present(attachment) || !board_.reset_port()) return {};
        return {TransferResult{}};
    });
}

void BoardThread::press_reset() {
    ask([this] { board_.press_reset(); });
}

void BoardThread::set_button(bool pressed) {
    ask([this, pressed] { board_.hold_button(pressed); });
}

void BoardThread::set_power(bool on) {
    ask([this, on] { board_.set_power(on); });
}

void BoardThread::between_frames(const std::function<void(ServedBoard&)>& work) {
    ask([&] { work(board_); });
}

void BoardThread::after_each_frame(std::function<void()> work) {
    ask([&] { after_frame_ = std::move(work); });
}

void BoardThread::run() {
    for (;;) {
        {
            // Virtual time may run ahead by what a transfer took; the next one waits that long, as it would on a wire.
            std::unique_lock lock(work_mutex_);
            work_came_.wait_until(lock, pacer_.due(), [this] { return stop_; });
            if (stop_) return;
        }
        const Time before = board_.now();
        work_off();
        static_cast<void>(board_.run_frame());
        if (after_frame_) after_frame_();
        pacer_.passed(board_.now() - before);
        publish();
    }
}

void BoardThread::work_off() {
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

BoardState BoardThread::state() const {
    BoardState state{.powered = board_.powered(),
                     .button = board_.button_held(),
                     .led = board_.led_lit(),
                     .time = board_.now(),
                     .device = std::nullopt,
                     .halted = board_.halted()};
    if (const auto& found = board_.device())
        state.device = AttachedDevice{.attachment = board_.attachment(),
                                      .vendor_id = found->device.idVendor,
                                      .product_id = found->device.idProduct,
                                      .product = found->product,
                                      .serial = found->serial_number};
    return state;
}

bool BoardThread::present(unsigned attachment) const {
    return board_.device().has_value() && board_.attachment() == attachment;
}

void BoardThread::publish() {
    const auto now = WallClock::now();
    if (now - last_publication_ < publication_interval) return;
    const auto present = state();
    if (present.looks_like(published_)) return;
    last_publication_ = now;
    published_ = present;
    const std::lock_guard lock(watchers_mutex_);
    for (const auto& [number, watcher] : watchers_)
        watcher(published_);
}

}  // namespace sim::serve::page
