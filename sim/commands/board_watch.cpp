// SPDX-License-Identifier: ISC
// Says what somebody who watches a board would note.
#include "sim/commands/board_watch.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "sim/commands/terminal.hpp"

namespace sim::commands {
namespace {

const char* text_of(ResetCause cause) {
    switch (cause) {
        case ResetCause::power_on:
            return "by power";
        case ResetCause::pin:
            return "at its pin";
        case ResetCause::software:
            return "by software";
        case ResetCause::independent_watchdog:
            return "by its independent watchdog";
        case ResetCause::window_watchdog:
            return "by its window watchdog";
    }
    return "";
}

}  // namespace

void BoardWatch::advance_to(Time when, const std::function<void()>& meet) {
    const auto& timing = host_.timing();
    while (host_.now() < when) {
        // A bootloader leaves the bus for 2 ms only; the host looks as often as it senses its port.
        host_.advance_to(std::min(when, host_.now() + timing.sense));
        look();
        const bool settled = attached_ && host_.now() - host_.state().attached_since >= timing.debounce;
        if (!settled || std::exchange(met_, true)) continue;
        meet();
        look();
    }
}

void BoardWatch::look() {
    const auto resets = machine_.counters().resets;
    if (std::exchange(resets_, resets) != resets)
        say(host_.now(), fmt::format("chip reset {}", text_of(machine_.last_reset())));
    const auto disconnections = host_.state().disconnections;
    const bool was_away = std::exchange(disconnections_, disconnections) != disconnections;
    const bool attached = host_.port_state() != PortState::disconnected;
    if (attached_ && (was_away || !attached)) {
        say(host_.now(), "USB device gone");
        attached_ = met_ = false;
    }
    if (attached && !std::exchange(attached_, true)) say(host_.now(), "USB device attached");
}

}  // namespace sim::commands
