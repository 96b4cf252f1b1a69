// SPDX-License-Identifier: ISC
// How lines look: colours and redrawn progress only where a person watches, signs beyond ASCII only where the locale
// has them.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "flasher/dfu_client.hpp"
#include "sim/time.hpp"

namespace sim::commands {

enum class Paint { plain, bold, dim, good, lit, bad };

/// Standard output is a terminal that can do more than print (TERM is not "dumb").
[[nodiscard]] bool on_terminal();

/// `text` in `paint` when on_terminal() and NO_COLOR is not set, else as it is.
[[nodiscard]] std::string painted(Paint paint, std::string_view text);

/// The same for standard error.
[[nodiscard]] std::string painted_error(std::string_view text);

/// A headline with an empty line before it.
void print_title(std::string_view text);

/// "  name   value", names in one column.
void print_fact(std::string_view name, std::string_view value);

/// Virtual time as "12.345 s" or "512.3 ms".
[[nodiscard]] std::string text_of(Time time);

/// A disc or a ring, where the locale is a UTF-8 one; else an asterisk or an o.
[[nodiscard]] std::string led_sign(bool lit);

/// A line with the virtual time at which something happened, shown at once.
void say(Time at, std::string_view text);

/// Progress of a download against virtual time: one line redrawn on a terminal, else a line every
/// quarter.
class ProgressBar {
  public:
    explicit ProgressBar(Time start) : start_(start) {}

    void show(const flasher::Progress& progress, Time now);
    /// Leaves the line, so that other output starts on a new one.
    void finish();

  private:
    Time start_;
    std::size_t next_line_at_ = 0;
    bool open_ = false;
};

}  // namespace sim::commands
