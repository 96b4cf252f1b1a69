// SPDX-License-Identifier: ISC
// What a script works on: a board, the host at its port, and what has been seen of both.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "sim/board/machine.hpp"
#include "sim/board/scheduled_cut.hpp"
#include "sim/usb/dfu_transport.hpp"
#include "sim/usb/host.hpp"

namespace sim::script {

/// Something that the script expected is not so; the sentence says what is.
class Failure : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class Bench final {
  public:
    /// Both outlive the bench. Files are named from `folder`; `limit` is the end of the script's virtual time.
    Bench(Machine& machine, UsbHost& host, std::filesystem::path folder, Time limit);
    ~Bench();
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    Machine& machine;
    UsbHost& host;
    const std::filesystem::path folder;
    std::function<void(const std::string&)> print = [](const std::string&) {};
    /// Power or reset may have changed, as a recording wants to know.
    std::function<void()> changed = [] {};
    /// The device that the script enumerated last, while it is there.
    std::optional<HostTransport> device;
    std::map<std::uint8_t, Pipe> pipes;   ///< Its endpoints that were used, with their toggles.
    std::map<int, std::string> received;  ///< From each USART, and not read yet.

    /// The enumerated device. Throws Failure when there is none.
    [[nodiscard]] HostTransport& enumerated();
    /// Throws Failure inside of a callback.
    void require_standing_board() const;
    [[nodiscard]] Time now() const { return machine.now(); }
    /// Lets time pass, with SOFs on the bus. Throws Failure at the script's limit and from inside of a callback.
    void advance_to(Time when);
    /// Lets time pass until `done` holds, at most `span`; says whether it came to that. It is asked every 20 us.
    bool wait(Time span, const std::function<bool()>& done);
    ScheduledCut power_cut;  ///< Observes the flash of `machine`, where the command has set it so.
    /// Expires with the bench, for callbacks that the machine keeps for longer.
    [[nodiscard]] std::weak_ptr<bool> alive() const { return alive_; }
    /// `callback` for each change of the pin's level, as long as there is this bench.
    void on_pin_change(Pin pin, std::function<void(Time, Level)> callback);
    /// Time of the last change of a pin that has been asked for before.
    Time last_change(Pin pin);
    /// Calls a function of the script from inside of a run; what it wants to do to the board must wait.
    template <class Function>
    auto call_back(const Function& function) {
        in_callback_ = true;
        auto answer = function();
        in_callback_ = false;
        return answer;
    }

  private:
    const Time limit_;
    std::map<Pin, Time> changes_;
    bool in_callback_ = false;
    const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sim::script
