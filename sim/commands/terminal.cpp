// SPDX-License-Identifier: ISC
// How lines look.
#include "sim/commands/terminal.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

namespace sim::commands {
namespace {

namespace terminal = flasher::terminal;

constexpr std::size_t bar_width = 32;

std::chrono::nanoseconds nanoseconds(Time time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time);
}

}  // namespace

std::string painted_error(std::string_view text) {
    return painted(Paint::bad, text, terminal::Stream::error);
}

std::string text_of(Time time) {
    return terminal::text_of(nanoseconds(time));
}

std::string led_sign(bool lit) {
    if (flasher::platform::shows_unicode()) return lit ? painted(Paint::lit, "●") : "○";
    return lit ? painted(Paint::lit, "*") : "o";
}

void say(Time at, std::string_view text) {
    fmt::print("{:>12}  {}\n", text_of(at), text);
    std::fflush(stdout);
}

void ProgressBar::show(const flasher::StepProgress& progress, Time now) {
    if (progress.step != flasher::Step::writing || progress.total == 0) return;
    const double share = static_cast<double>(progress.done) / static_cast<double>(progress.total);
    const auto facts = fmt::format("{:>3.0f} %  {} of {} bytes  {}  {}", share * 100, progress.done, progress.total,
                                   text_of(now - start_), terminal::rate(progress.done, nanoseconds(now - start_)));
    const auto bar = terminal::bar(share, bar_width);
    if (terminal::redraws()) {
        fmt::print("\r  {} {}\x1b[K", painted(Paint::good, bar), facts);
        std::fflush(stdout);
        open_ = true;
        return;
    }
    if (progress.done < next_line_at_) return;
    next_line_at_ = std::min(progress.total, next_line_at_ + std::max<std::size_t>(1, progress.total / 4));
    fmt::print("  {} {}\n", bar, facts);
}

void ProgressBar::finish() {
    if (open_) fmt::print("\n");
    open_ = false;
}

}  // namespace sim::commands
