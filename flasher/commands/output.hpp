// SPDX-License-Identifier: ISC
// What a command tells while it works: to a person on a terminal, to a log, or as JSON to a machine.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "flasher/commands/devices.hpp"
#include "flasher/session.hpp"
#include "flasher/target.hpp"

namespace flasher::commands {

using Json = nlohmann::ordered_json;

/// One event of --json: an object on a line of its own. Thread-safe.
void print_event(const Json& event);

/// Ids, serial number, layout and so on of a device, as `list --json` and the events give them.
[[nodiscard]] Json json_of(const Board& board);
[[nodiscard]] Json json_of(const Target& target);

/// "dapboot 2.1.0" or "release 2.00", as far as the device tells.
[[nodiscard]] std::string version_of(const DeviceInfo& info);
/// "standard layout", "high-memory layout" or nothing.
[[nodiscard]] std::string layout_of(const DeviceInfo& info);
/// Two or three lines about a device, for people.
void print_board(const Board& board, const std::optional<Target>& target);

/// Shows the progress of one or several boards. Thread-safe; the boards are numbered from 0.
class ProgressView {
  public:
    ProgressView() = default;
    ProgressView(const ProgressView&) = delete;
    ProgressView& operator=(const ProgressView&) = delete;
    virtual ~ProgressView() = default;

    /// A board begins; `name` tells it from the others.
    virtual std::size_t add(const std::string& name) = 0;
    virtual void show(std::size_t board, const StepProgress& progress) = 0;
    /// A board has ended: `sentence` says how.
    virtual void finish(std::size_t board, bool good, const std::string& sentence) = 0;
};

/// A line a step, redrawn while it moves; plain lines where nothing may be redrawn.
[[nodiscard]] std::unique_ptr<ProgressView> single_view();
/// A line a board, all of them redrawn; with `scroll` those that have ended stay above. Where nothing may be redrawn, a
/// line for each board that ends.
[[nodiscard]] std::unique_ptr<ProgressView> table_view(bool scroll);
/// Events.
[[nodiscard]] std::unique_ptr<ProgressView> json_view();

}  // namespace flasher::commands
