// SPDX-License-Identifier: ISC
// A virtual board whose USB device a client elsewhere may use: powered, with a host at its port that enumerates what
// attaches, and with the hands of a person: button, reset, cable.
//
// Nothing happens but in run_frame(), a millisecond of virtual time each; pacing is the caller's.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/board/boards.hpp"
#include "sim/board/machine.hpp"
#include "sim/serve/usbip/protocol.hpp"
#include "sim/serve/usbip/root_port.hpp"
#include "sim/usb/host.hpp"

namespace sim::usbip {

/// The clock of clients, which know nothing of virtual time.
using WallClock = std::chrono::steady_clock;

class ExportedBoard {
  public:
    using Log = std::function<void(const std::string&)>;

    /// `number` counts from 1 and makes bus id and serial number; `load` puts images into flash.
    /// `log` gets a sentence for each thing that happens.
    ExportedBoard(const Board& board, unsigned number, const MachineOptions& options,
                  const std::function<void(Machine&)>& load, Log log);

    [[nodiscard]] const std::string& bus_id() const { return bus_id_; }
    /// The device on the bus, when there is one that enumerated.
    [[nodiscard]] const std::optional<DeviceFacts>& device() const { return device_; }
    /// Another number each time a device has enumerated: to notice that one left and came back.
    [[nodiscard]] unsigned attachment() const { return attachments_; }
    [[nodiscard]] Time now() const { return host_.now(); }
    /// Why the chip stands still, when it does; power or reset start it again.
    [[nodiscard]] const std::string& halted() const { return halted_; }

    /// Of the device; the answer comes out of run_frame(). Ignored when there is none.
    void submit(Submit submit, WallClock::time_point now);
    bool unlink(std::uint32_t sequence) { return port_.unlink(sequence); }
    void abandon() { port_.abandon(); }
    [[nodiscard]] std::size_t pending() const { return port_.pending(); }
    [[nodiscard]] std::size_t pending_bytes() const { return port_.pending_bytes(); }

    /// Lets a millisecond pass (more when a device attaches), and gives the transfers that ended.
    [[nodiscard]] std::vector<Completion> run_frame();

    [[nodiscard]] bool has_button() const { return machine_.wiring().has_button; }
    void hold_button(bool held);
    [[nodiscard]] bool button_held() const { return button_held_; }
    void press_reset();
    void set_power(bool on);
    [[nodiscard]] bool powered() const { return machine_.powered(); }
    /// Erased pages and programmed half-words since the board was made.
    [[nodiscard]] std::uint64_t flash_operations() const { return machine_.counters().flash_operations; }
    [[nodiscard]] bool led_lit() const { return halted_.empty() && machine_.led_lit(); }

  private:
    [[nodiscard]] std::vector<Completion> run_port();
    void watch_port();
    void enumerate_device();
    void drop_device(const char* why);
    [[nodiscard]] bool is_trace_of_port_reset(const Submit& submit, WallClock::time_point now) const;
    void reset_device();

    std::string bus_id_;
    unsigned number_;
    Log log_;
    Machine machine_;
    UsbHost host_;
    RootPort port_;
    std::optional<DeviceFacts> device_;
    unsigned attachments_ = 0;
    std::uint64_t resets_ = 0;  ///< Of the chip, when the device was enumerated.
    unsigned failed_enumerations_ = 0;
    Time next_enumeration_{};
    bool reset_wanted_ = false;
    WallClock::time_point control_idle_since_;
    bool button_held_ = false;
    std::string halted_;
};

}  // namespace sim::usbip
