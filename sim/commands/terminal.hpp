// SPDX-License-Identifier: ISC
// How lines look: the flasher's words and colours, and progress against virtual time.
#pragma once

#include <string>
#include <string_view>

#include "flasher/session.hpp"
#include "flasher/terminal/terminal.hpp"
#include "sim/time.hpp"

namespace sim::commands {

using flasher::terminal::Paint;
using flasher::terminal::painted;
using flasher::terminal::print_fact;
using flasher::terminal::print_title;

/// What went wrong, for standard error.
[[nodiscard]] std::string painted_error(std::string_view text);

/// Virtual time as "12.345 s" or "512.3 ms".
[[nodiscard]] std::string text_of(Time time);

/// A disc or a ring, where the terminal shows them; else an asterisk or an o.
[[nodiscard]] std::string led_sign(bool lit);

/// A line with the virtual time at which something happened, shown at once.
void say(Time at, std::string_view text);

/// Progress of a download against virtual time: one line redrawn on a terminal, else a line every
/// quarter.
class ProgressBar {
  public:
    explicit ProgressBar(Time start) : start_(start) {}

    void show(const flasher::StepProgress& progress, Time now);
    /// Leaves the line, so that other output starts on a new one.
    void finish();

  private:
    Time start_;
    std::size_t next_line_at_ = 0;
    bool open_ = false;
};

}  // namespace sim::commands
