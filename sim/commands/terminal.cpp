// SPDX-License-Identifier: ISC
// How lines look.
#include "sim/commands/terminal.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <unistd.h>

#include "sim/commands/nearest.hpp"

namespace sim::commands {
namespace {

constexpr int bar_width = 32;

bool is_terminal(int descriptor) {
    const char* kind = std::getenv("TERM");
    return isatty(descriptor) != 0 && (kind == nullptr || std::string_view(kind) != "dumb");
}

bool colours_on(int descriptor) {
    const char* refused = std::getenv("NO_COLOR");
    return is_terminal(descriptor) && (refused == nullptr || *refused == '\0');
}

/// The first of the variables that is set names the locale (POSIX, section 8.2).
bool utf8_on() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* value = std::getenv(name);
        if (value == nullptr || *value == '\0') continue;
        const auto locale = lower_case(value);
        return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    }
    return false;
}

std::string_view escape_of(Paint paint) {
    switch (paint) {
        case Paint::bold:
            return "\x1b[1m";
        case Paint::dim:
            return "\x1b[2m";
        case Paint::good:
            return "\x1b[32m";
        case Paint::lit:
            return "\x1b[1;33m";
        case Paint::bad:
            return "\x1b[1;31m";
        case Paint::plain:
            break;
    }
    return "";
}

std::string bar(double share) {
    const double full = std::clamp(share, 0.0, 1.0);
    if (!utf8_on()) {
        std::string text(static_cast<std::size_t>(full * bar_width), '#');
        text.resize(bar_width, '.');
        return text;
    }
    // Eighths of a cell, so that the bar moves with every block.
    static constexpr std::string_view parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const int eighths = static_cast<int>(full * bar_width * 8);
    std::string text;
    for (int i = 0; i < eighths / 8; ++i)
        text += "█";
    text += parts[eighths % 8];
    const int used = eighths / 8 + (eighths % 8 != 0 ? 1 : 0);
    text.append(static_cast<std::size_t>(bar_width - used), ' ');
    return text;
}

std::string rate(std::size_t bytes, Time span) {
    const double s = seconds(span);
    return s > 0 ? fmt::format("{:.1f} KB/s", static_cast<double>(bytes) / 1000 / s) : "";
}

}  // namespace

bool on_terminal() {
    return is_terminal(STDOUT_FILENO);
}

std::string painted(Paint paint, std::string_view text) {
    if (paint == Paint::plain || !colours_on(STDOUT_FILENO)) return std::string(text);
    return fmt::format("{}{}\x1b[0m", escape_of(paint), text);
}

std::string painted_error(std::string_view text) {
    if (!colours_on(STDERR_FILENO)) return std::string(text);
    return fmt::format("{}{}\x1b[0m", escape_of(Paint::bad), text);
}

void print_title(std::string_view text) {
    fmt::print("\n{}\n", painted(Paint::bold, text));
}

void print_fact(std::string_view name, std::string_view value) {
    fmt::print("  {} {}\n", painted(Paint::dim, fmt::format("{:<16}", name)), value);
}

std::string text_of(Time time) {
    const double s = seconds(time);
    if (s >= 1) return fmt::format("{:.3f} s", s);
    if (s >= 1e-3) return fmt::format("{:.1f} ms", s * 1e3);
    return fmt::format("{:.1f} {}", s * 1e6, utf8_on() ? "µs" : "us");
}

std::string led_sign(bool lit) {
    if (utf8_on()) return lit ? painted(Paint::lit, "●") : "○";
    return lit ? painted(Paint::lit, "*") : "o";
}

void say(Time at, std::string_view text) {
    fmt::print("{:>12}  {}\n", text_of(at), text);
    std::fflush(stdout);
}

void ProgressBar::show(const flasher::Progress& progress, Time now) {
    if (progress.phase == flasher::Progress::Phase::manifest || progress.total == 0) return;
    const double share = static_cast<double>(progress.done) / static_cast<double>(progress.total);
    const auto facts = fmt::format("{:>3.0f} %  {} of {} bytes  {}  {}", share * 100, progress.done, progress.total,
                                   text_of(now - start_), rate(progress.done, now - start_));
    if (on_terminal()) {
        fmt::print("\r  {} {}\x1b[K", painted(Paint::good, bar(share)), facts);
        std::fflush(stdout);
        open_ = true;
        return;
    }
    if (progress.done < next_line_at_) return;
    next_line_at_ = std::min(progress.total, next_line_at_ + std::max<std::size_t>(1, progress.total / 4));
    fmt::print("  {} {}\n", bar(share), facts);
}

void ProgressBar::finish() {
    if (open_) fmt::print("\n");
    open_ = false;
}

}  // namespace sim::commands
