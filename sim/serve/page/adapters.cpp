// SPDX-License-Identifier: ISC
// A serial line whose other end is a page, and a probe.
#include "sim/serve/page/adapters.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace sim::serve::page {
namespace {

/// What an adapter's driver buffers, generously.
constexpr std::size_t most_waiting = 65'536;

}  // namespace

class Adapters::PageEnd : public SerialEnd {
  public:
    void open(std::uint32_t baud, Receiver receiver) {
        baud_ = baud;
        receiver_ = std::move(receiver);
        waiting_.clear();
    }
    void close() { receiver_ = {}; }
    bool take(std::span<const std::uint8_t> bytes) {
        if (waiting_.size() + bytes.size() > most_waiting) return false;
        waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
        return true;
    }

    bool open() override { return static_cast<bool>(receiver_); }
    std::size_t read(std::span<std::uint8_t> room) override {
        const std::size_t count = std::min(room.size(), waiting_.size());
        const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
        std::copy(waiting_.begin(), end, room.begin());
        waiting_.erase(waiting_.begin(), end);
        return count;
    }
    std::size_t write(std::span<const std::uint8_t> bytes) override {
        receiver_({bytes.begin(), bytes.end()});
        return bytes.size();
    }
    [[nodiscard]] std::uint32_t baud() const override { return baud_; }
    [[nodiscard]] int descriptor() const override { return -1; }
    [[nodiscard]] std::string name() const override { return "the page"; }

  private:
    std::uint32_t baud_ = 0;
    Receiver receiver_;
    std::deque<std::uint8_t> waiting_;
};

Adapters::Adapters(BoardThread& board) : board_(board) {
    board_.between_frames([this](ServedBoard& served) {
        const auto silent = [](const std::string&) {};
        auto end = std::make_unique<PageEnd>();
        end_ = end.get();
        line_ = std::make_unique<SerialLine>(served, std::move(end), true, silent);
        const debug::StLink::Wires wires{.let_pass = [&served](Time span) { served.let_pass(span); },
                                         .hold_reset = [&served](bool low) { served.hold_reset(low); },
                                         .log = silent};
        probe_ = std::make_unique<debug::StLink>(served.machine(), wires);
    });
    board_.after_each_frame([this] { line_->serve(); });
}

Adapters::~Adapters() {
    board_.after_each_frame({});
    board_.between_frames([this](ServedBoard&) {
        line_.reset();
        probe_.reset();
    });
}

void Adapters::open_serial(std::uint32_t baud, Receiver receiver) {
    board_.between_frames([&](ServedBoard&) {
        end_->open(baud, std::move(receiver));
        line_->serve();  // RTS and DTR change at once, and not only where a frame lies between opening and closing
    });
}

bool Adapters::write_serial(std::span<const std::uint8_t> bytes) {
    bool taken = false;
    board_.between_frames([&](ServedBoard&) { taken = end_->take(bytes); });
    return taken;
}

void Adapters::close_serial() {
    board_.between_frames([this](ServedBoard&) {
        end_->close();
        line_->serve();
    });
}

void Adapters::send_to_probe(std::span<const std::uint8_t> bytes) {
    board_.between_frames([&](ServedBoard&) { probe_->take(bytes); });
}

std::optional<Adapters::Bytes> Adapters::receive_from_probe(std::size_t room) {
    std::optional<Bytes> given;
    board_.between_frames([&](ServedBoard&) { given = probe_->give(room); });
    return given;
}

void Adapters::close_probe() {
    board_.between_frames([this](ServedBoard&) { probe_->forget(); });
}

}  // namespace sim::serve::page
