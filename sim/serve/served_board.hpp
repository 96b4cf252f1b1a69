// SPDX-License-Identifier: ISC
// A virtual board and its USB device, for the servers: powered, with a host at its port that enumerates what attaches,
// and with controls: button, reset, cable.
//
// Nothing happens but in the calls; each run_frame() is a millisecond of virtual time, or twenty of a board without
// power. Pacing is the caller's (Pacer).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/board/boards.hpp"
#include "sim/board/machine.hpp"
#include "sim/board/scheduled_cut.hpp"
#include "sim/usb/enumeration.hpp"
#include "sim/usb/host.hpp"
#include "sim/usb/root_port.hpp"

namespace sim::serve {

/// What a board is made of.
struct BoardSetup {
    Board board;
    MachineOptions options{};
    std::function<void(Machine&)> load;  ///< Puts images into flash.
    bool button_held = false;            ///< While power comes, and on.
    bool boot0_high = false;             ///< So stands the jumper BOOT0.
};

class ServedBoard {
  public:
    using Log = std::function<void(const std::string&)>;

    /// Powers the board. `number` counts from 1 and makes bus id and serial number. `log`, where
    /// there is one, gets a sentence for each thing that happens. Throws what `setup.load` throws.
    ServedBoard(const BoardSetup& setup, unsigned number, Log log = {});

    [[nodiscard]] unsigned number() const { return number_; }
    /// Where Linux would see it: port `number` of the first bus, as in "1-1".
    [[nodiscard]] const std::string& bus_id() const { return bus_id_; }
    /// The device on the bus, when there is one that enumerated.
    [[nodiscard]] const std::optional<EnumeratedDevice>& device() const { return device_; }
    /// Another number each time a device has enumerated: to notice that one left and came back.
    [[nodiscard]] unsigned attachment() const { return attachments_; }
    [[nodiscard]] Time now() const { return host_.now(); }
    [[nodiscard]] Machine& machine() { return machine_; }
    /// Why the chip is halted, when it is; power or reset start it again.
    [[nodiscard]] const std::string& halted() const { return halted_; }

    // --- transfers ---------------------------------------------------------------------------

    /// To the device; the answer comes out of run_frame(). Ignored when there is none.
    void submit(TransferRequest request);
    bool unlink(std::uint32_t id) { return port_.unlink(id); }
    void abandon() { port_.abandon(); }
    [[nodiscard]] const RootPort& port() const { return port_; }
    /// The next frame begins with a port reset, after which the device is enumerated again.
    void request_port_reset() { reset_wanted_ = device_.has_value(); }

    /// Lets a millisecond pass (more when a device attaches), and gives the transfers that ended.
    [[nodiscard]] std::vector<Completion> run_frame();

    // These wait for their end, and so let as much time pass as they take; `gone` without a device.
    [[nodiscard]] TransferResult control_in(const flasher::SetupPacket& setup, std::span<std::uint8_t> data);
    [[nodiscard]] TransferResult control_out(const flasher::SetupPacket& setup, std::span<const std::uint8_t> data);
    /// A port reset. Says whether the same device is there afterwards; another one has another
    /// attachment().
    [[nodiscard]] bool reset_port();

    // --- controls ----------------------------------------------------------------------------

    [[nodiscard]] bool has_button() const { return machine_.wiring().has_button; }
    void hold_button(bool held);
    [[nodiscard]] bool button_held() const { return button_held_; }
    void press_reset();
    /// Lets time pass without a look at the port: what a probe's clock takes.
    void let_pass(Time span);
    /// NRST is held low by somebody else than the button.
    void hold_reset(bool low);
    void set_power(bool on);
    /// Pulls the cable in the middle of the n-th flash operation from now; 1 is the next. Power that is switched off
    /// earlier takes it back.
    void cut_power_at(std::uint64_t operation);
    [[nodiscard]] bool powered() const { return machine_.powered(); }
    /// Erased pages and programmed half-words since the board was made.
    [[nodiscard]] std::uint64_t flash_operations() const { return machine_.counters().flash_operations; }
    [[nodiscard]] bool led_lit() const { return halted_.empty() && machine_.led_lit(); }

  private:
    /// Runs `work`; a chip that cannot go on is halted over it. Says whether it went on.
    bool guarded(const std::function<void()>& work);
    [[nodiscard]] TransferResult transfer(const std::function<TransferResult()>& work);
    void notice_departure();
    void enumerate_if_due();
    void enumerate_again();
    void drop_device(const std::string& why);
    void log(const std::string& what) const;

    unsigned number_;
    std::string bus_id_;
    Log log_;
    ScheduledCut power_cut_;
    Machine machine_;
    UsbHost host_;
    RootPort port_;
    std::optional<EnumeratedDevice> device_;
    unsigned attachments_ = 0;
    std::uint64_t resets_ = 0;  ///< Of the chip, those already noticed.
    unsigned failed_enumerations_ = 0;
    Time next_enumeration_{};
    bool reset_wanted_ = false;
    bool button_held_ = false;
    std::string halted_;
};

}  // namespace sim::serve
