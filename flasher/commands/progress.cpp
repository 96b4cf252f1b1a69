// SPDX-License-Identifier: ISC
// Progress: a line a step for one board, a line a board for several, events for machines.
#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "flasher/commands/output.hpp"
#include "flasher/terminal/terminal.hpp"
#include "flasher/terminal/wrapped.hpp"

namespace flasher::commands {
namespace {

using terminal::Paint;
using Clock = std::chrono::steady_clock;

/// Lines are redrawn this often at most; eyes see no more, and terminals over slow links cost time.
constexpr auto between_redraws = std::chrono::milliseconds(33);
constexpr std::size_t widest_bar = 32, narrowest_bar = 10;

double share_of(const StepProgress& progress) {
    return progress.total == 0 ? 0 : static_cast<double>(progress.done) / static_cast<double>(progress.total);
}

class SingleView : public ProgressView {
  public:
    std::size_t add(const std::string&) override { return 0; }

    void show(std::size_t, const StepProgress& progress) override {
        if (progress.step == Step::measuring || progress.step == Step::starting) return;
        if (progress.step == Step::manifesting) return;
        if (step_ != progress.step) begin(progress.step);
        const bool last = progress.total != 0 && progress.done >= progress.total;
        if (terminal::redraws()) {
            const auto now = Clock::now();
            if (!last && now - drawn_ < between_redraws && drawn_ != Clock::time_point{}) return;
            drawn_ = now;
            fmt::print("\r{}\x1b[K", line(progress));
            std::fflush(stdout);
            open_ = true;
        } else if (progress.done >= next_line_at_ && (progress.done != 0 || progress.total == 0)) {
            next_line_at_ = std::max(progress.done + 1, std::min(progress.total, next_line_at_ + progress.total / 4));
            if (progress.total != 0) fmt::print("{}\n", line(progress));
        }
    }

    void finish(std::size_t, bool good, const std::string& sentence) override {
        close_line();
        const std::size_t indent = 3 + terminal::columns(terminal::tick());
        if (good)
            fmt::print("  {} {}\n", terminal::painted(Paint::good, terminal::tick()),
                       terminal::wrapped(sentence, terminal::Stream::output, indent, indent));
        std::fflush(stdout);
    }

  private:
    void begin(Step step) {
        close_line();
        step_ = step;
        started_ = Clock::now();
        next_line_at_ = 1;
        drawn_ = {};
    }

    void close_line() {
        if (open_) fmt::print("\n");
        open_ = false;
    }

    [[nodiscard]] std::string line(const StepProgress& progress) const {
        const auto time = Clock::now() - started_;
        const auto name = fmt::format("  {:<10}", name_of(progress.step));
        const bool under_way = progress.total != 0 && progress.done < progress.total;
        const auto bytes = under_way ? fmt::format("{} of {} bytes", progress.done, progress.total)
                                     : fmt::format("{} bytes", progress.done);
        std::string facts = bytes + "  " + terminal::rate(progress.done, time);
        if (progress.total == 0) return name + facts;
        facts = fmt::format(" {:>3.0f} %  {}", share_of(progress) * 100, facts);
        const std::size_t used = name.size() + terminal::columns(facts) + 1;
        const std::size_t room = terminal::width() > used ? terminal::width() - used : 0;
        const auto size = std::clamp(room, narrowest_bar, widest_bar);
        return name + terminal::painted(Paint::good, terminal::bar(share_of(progress), size)) + facts;
    }

    std::optional<Step> step_;
    Clock::time_point started_, drawn_;
    std::size_t next_line_at_ = 0;
    bool open_ = false;
};

class TableView : public ProgressView {
  public:
    /// With `scroll`, boards that have ended stay above as lines, and only those under way are redrawn.
    explicit TableView(bool scroll) : scroll_(scroll) {}

    ~TableView() override {
        const std::lock_guard lock(mutex_);
        draw(true);
    }

    std::size_t add(const std::string& name) override {
        const std::lock_guard lock(mutex_);
        rows_.push_back({.name = name, .progress = {}, .ended = {}, .sentence = {}, .scrolled = false});
        draw(true);
        return rows_.size() - 1;
    }

    void show(std::size_t board, const StepProgress& progress) override {
        const std::lock_guard lock(mutex_);
        rows_[board].progress = progress;
        draw(false);
    }

    void finish(std::size_t board, bool good, const std::string& sentence) override {
        const std::lock_guard lock(mutex_);
        rows_[board].ended = good;
        rows_[board].sentence = sentence;
        if (scroll_ && terminal::redraws()) {
            if (drawn_ != 0) fmt::print("\x1b[{}A\x1b[J", std::exchange(drawn_, 0));
            rows_[board].scrolled = true;
        }
        if (scroll_ || !terminal::redraws()) fmt::print("{}\n", line(rows_[board]));
        draw(true);
        std::fflush(stdout);
    }

  private:
    struct Row {
        std::string name;
        std::optional<StepProgress> progress;
        std::optional<bool> ended;
        std::string sentence;
        bool scrolled = false;
    };

    void draw(bool now) {
        if (!terminal::redraws() || (!now && Clock::now() - drawn_at_ < between_redraws)) return;
        drawn_at_ = Clock::now();
        std::string text = drawn_ != 0 ? fmt::format("\x1b[{}A", drawn_) : "";
        drawn_ = 0;
        for (const auto& row : rows_) {
            if (row.scrolled) continue;
            text += "\r" + line(row) + "\x1b[K\n";
            ++drawn_;
        }
        fmt::print("{}", text);
        std::fflush(stdout);
    }

    [[nodiscard]] std::string line(const Row& row) const {
        std::size_t widest = 0;
        for (const auto& one : rows_)
            widest = std::max(widest, terminal::columns(one.name));
        const std::size_t all = terminal::width() - 1;
        const auto name =
            "  " + terminal::padded(terminal::clipped(row.name, all / 2), std::min(widest, all / 2)) + "  ";
        const std::size_t left = all > terminal::columns(name) ? all - terminal::columns(name) : 0;
        if (row.ended) {
            const auto mark = *row.ended ? terminal::tick() : terminal::cross();
            // A log keeps the whole sentence; a redrawn line must not break.
            const auto shown = terminal::redraws() ? terminal::clipped(row.sentence, left - mark.size()) : row.sentence;
            return name + terminal::painted(*row.ended ? Paint::good : Paint::bad, mark) + " " + shown;
        }
        if (!row.progress) return name + terminal::painted(Paint::dim, "waiting");
        const auto& progress = *row.progress;
        const auto step = fmt::format("{:<10}", name_of(progress.step));
        if (progress.total == 0 || left < step.size() + narrowest_bar + 8) return name + step;
        const auto size = std::min(left - step.size() - 7, widest_bar);
        return name + step + terminal::painted(Paint::good, terminal::bar(share_of(progress), size)) +
               fmt::format(" {:>3.0f} %", share_of(progress) * 100);
    }

    bool scroll_;
    std::mutex mutex_;
    std::vector<Row> rows_;
    std::size_t drawn_ = 0;  ///< Lines.
    Clock::time_point drawn_at_;
};

class JsonView : public ProgressView {
  public:
    std::size_t add(const std::string& name) override {
        const std::lock_guard lock(mutex_);
        names_.push_back(name);
        return names_.size() - 1;
    }

    void show(std::size_t board, const StepProgress& progress) override {
        print_event({{"event", "progress"},
                     {"location", name(board)},
                     {"step", name_of(progress.step)},
                     {"done", progress.done},
                     {"total", progress.total}});
    }

    void finish(std::size_t, bool, const std::string&) override {}  // the command prints a result with all it knows

  private:
    std::string name(std::size_t board) {
        const std::lock_guard lock(mutex_);
        return names_.at(board);
    }

    std::mutex mutex_;
    std::vector<std::string> names_;
};

}  // namespace

std::unique_ptr<ProgressView> single_view() {
    return std::make_unique<SingleView>();
}

std::unique_ptr<ProgressView> table_view(bool scroll) {
    return std::make_unique<TableView>(scroll);
}

std::unique_ptr<ProgressView> json_view() {
    return std::make_unique<JsonView>();
}

}  // namespace flasher::commands
