// SPDX-License-Identifier: ISC
// How lines look.
#include "flasher/terminal/terminal.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include <fmt/format.h>

#include "flasher/terminal/wrapped.hpp"

namespace flasher::terminal {
namespace {

bool colours_on(Stream stream) {
    return platform::is_terminal(stream) && platform::environment("TERM") != "dumb" &&
           platform::environment("NO_COLOR").empty();
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

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

double seconds(std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
}

}  // namespace

bool redraws() {
    return platform::is_terminal(Stream::output) && !platform::is_dumb_terminal();
}

std::string painted(Paint paint, std::string_view text, Stream stream) {
    if (paint == Paint::plain || !colours_on(stream)) return std::string(text);
    return fmt::format("{}{}\x1b[0m", escape_of(paint), text);
}

unsigned width() {
    return platform::terminal_width(Stream::output).value_or(80);
}

std::size_t columns(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\x1b') {
            i = std::min(text.find('m', i), text.size());
            continue;
        }
        if (!continues_character(text[i])) ++count;
    }
    return count;
}

std::string padded(std::string_view text, std::size_t size) {
    const auto used = columns(text);
    return std::string(text) + std::string(size > used ? size - used : 0, ' ');
}

std::string clipped(std::string_view text, std::size_t size) {
    if (columns(text) <= size) return std::string(text);
    const std::string_view ellipsis = platform::shows_unicode() ? "…" : "~";
    std::size_t end = 0;
    for (std::size_t count = 0; end < text.size(); ++end)
        if (!continues_character(text[end]) && ++count >= size) break;
    return std::string(text.substr(0, end)) + std::string(ellipsis);
}

std::string bar(double share, std::size_t size, bool unicode) {
    static constexpr std::array<std::string_view, 8> parts{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const double filled = std::clamp(share, 0.0, 1.0) * static_cast<double>(size);
    std::string text;
    if (!unicode) {
        text.assign(static_cast<std::size_t>(filled), '#');
        return text + std::string(size - text.size(), '.');
    }
    const auto eighths = static_cast<std::size_t>(filled * 8);
    for (std::size_t i = 0; i < eighths / 8; ++i)
        text += "█";
    text += parts[eighths % 8];
    return padded(text, size);
}

std::string text_of(std::chrono::nanoseconds time, bool unicode) {
    const double s = seconds(time);
    if (s >= 60) return fmt::format("{:.0f} min {:.0f} s", s / 60 - 0.5, s - 60 * static_cast<int>(s / 60));
    if (s >= 1) return fmt::format("{:.3f} s", s);
    if (s >= 1e-3) return fmt::format("{:.1f} ms", s * 1e3);
    return fmt::format("{:.1f} {}s", s * 1e6, unicode ? "µ" : "u");
}

std::string text_of_size(std::size_t bytes) {
    constexpr std::size_t kib = 1024, mib = kib * kib;
    if (bytes >= mib) return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / mib);
    if (bytes >= kib && bytes % kib == 0) return fmt::format("{} KiB", bytes / kib);
    return fmt::format("{} bytes", bytes);
}

std::string rate(std::size_t bytes, std::chrono::nanoseconds span) {
    const double s = seconds(span);
    return s > 0 ? fmt::format("{:.1f} KB/s", static_cast<double>(bytes) / 1000 / s) : "";
}

std::string tick() {
    return platform::shows_unicode() ? "✓" : "ok";
}

std::string cross() {
    return platform::shows_unicode() ? "✗" : "FAILED";
}

void print_title(std::string_view text) {
    fmt::print("\n{}\n", painted(Paint::bold, text));
}

void print_fact(std::string_view name, std::string_view value) {
    constexpr std::size_t column = 19;
    fmt::print("  {} {}\n", painted(Paint::dim, fmt::format("{:<16}", name)),
               wrapped(value, Stream::output, column, column));
}

}  // namespace flasher::terminal
