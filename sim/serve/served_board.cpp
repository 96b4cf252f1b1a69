// SPDX-License-Identifier: ISC
// A frame of the board: pending transfers, then a look at the port.
#include "sim/serve/served_board.hpp"

#include <utility>

#include <fmt/format.h>

#include "flasher/descriptors.hpp"
#include "sim/usb/bus_timing.hpp"

namespace sim::serve {
namespace {

constexpr std::uint8_t address = 1;
/// A few attempts, then the port is left alone until something new attaches. Each is a frame of its own: while the host
/// asks a chip that has no USB, others speak to it, by its serial line for example.
constexpr unsigned enumeration_attempts = 16, attempts_in_a_row = 4;
constexpr Time short_pause = 100 * millisecond, long_pause = 500 * millisecond;
/// A chip that has started over decides within this time whether it will be seen on the bus.
constexpr Time settle_after_reset = 20 * millisecond;
/// Nothing happens in a board without power, so nobody need look at it each millisecond.
constexpr Time dark_frame = 20 * millisecond;

ChipVariant with_serial(ChipVariant chip, unsigned number) {
    chip.unique_id[0] += number - 1;
    return chip;
}

}  // namespace

ServedBoard::ServedBoard(const BoardSetup& setup, unsigned number, Log log)
    : number_(number),
      bus_id_(fmt::format("1-{}", number)),
      log_(std::move(log)),
      machine_(with_serial(setup.board.chip, number), setup.board.wiring, setup.options),
      host_(machine_.usb(), machine_),
      port_(host_) {
    machine_.set_flash_observer(&power_cut_);
    setup.load(machine_);
    hold_button(setup.button_held);
    if (setup.boot0_high) machine_.set_boot0(Level::high);
    set_power(true);
}

void ServedBoard::log(const std::string& what) const {
    if (log_) log_(fmt::format("{}: {}", bus_id_, what));
}

bool ServedBoard::guarded(const std::function<void()>& work) {
    if (!halted_.empty()) return false;
    try {
        work();
        return true;
    } catch (const MachineError& error) {
        halted_ = error.cause();
        log(fmt::format("the chip is halted until a reset: {}", error.what()));
        drop_device("its program crashed");
    }
    return false;
}

// --- transfers -----------------------------------------------------------------------------------

void ServedBoard::submit(TransferRequest request) {
    if (device_) port_.submit(std::move(request));
}

std::vector<Completion> ServedBoard::run_frame() {
    std::vector<Completion> done;
    guarded([&] {
        if (std::exchange(reset_wanted_, false)) enumerate_again();
        if (device_)
            done = port_.run_frame();
        else
            host_.advance(powered() ? millisecond : dark_frame);
        notice_departure();
        enumerate_if_due();
    });
    return done;
}

TransferResult ServedBoard::transfer(const std::function<TransferResult()>& work) {
    TransferResult result{.end = TransferEnd::gone, .length = 0, .detail = {}};
    guarded([&] {
        if (device_) result = work();
        notice_departure();
        if (result.end == TransferEnd::no_response) drop_device("it does not answer");
    });
    return result;
}

TransferResult ServedBoard::control_in(const flasher::SetupPacket& setup, std::span<std::uint8_t> data) {
    return transfer([&] { return host_.control_in(setup, data); });
}

TransferResult ServedBoard::control_out(const flasher::SetupPacket& setup, std::span<const std::uint8_t> data) {
    return transfer([&] { return host_.control_out(setup, data); });
}

bool ServedBoard::reset_port() {
    bool same = false;
    guarded([&] {
        const auto before = device_;
        if (before) enumerate_again();
        notice_departure();
        same = before && device_ && device_->is_same_device(*before);
        if (before && device_ && !same) ++attachments_;
    });
    return same;
}

// --- the device on the bus -----------------------------------------------------------------------

void ServedBoard::notice_departure() {
    const auto resets = machine_.counters().resets;
    if (std::exchange(resets_, resets) != resets) {
        // It has forgotten its address, whether or not the pull-up let go.
        drop_device("the chip was reset");
        failed_enumerations_ = 0;
        next_enumeration_ = host_.now() + settle_after_reset;
    }
    if (host_.port_state() == PortState::disconnected) {
        drop_device("it left the bus");
        failed_enumerations_ = 0;
    }
}

void ServedBoard::enumerate_if_due() {
    if (device_ || host_.port_state() == PortState::disconnected) return;
    const bool settled = host_.now() - host_.state().attached_since >= host_.timing().debounce;
    if (!settled || host_.now() < next_enumeration_ || failed_enumerations_ == enumeration_attempts) return;
    try {
        device_ = enumerate(host_, address, 1);
        port_.open(*device_);
        ++attachments_;
        failed_enumerations_ = 0;
        log(fmt::format("device {:04x}:{:04x} attached", device_->device.idVendor, device_->device.idProduct));
        return;
    } catch (const EnumerationError& error) {
        // No answer: an application without USB on a board whose pull-up is always on.
        if (failed_enumerations_ == 0) log(fmt::format("attached, but no usable device: {}", error.what()));
    } catch (const flasher::DescriptorError& error) {
        log(fmt::format("a device with a wrong descriptor: {}", error.what()));
    }
    ++failed_enumerations_;
    next_enumeration_ = host_.now() + (failed_enumerations_ % attempts_in_a_row == 0 ? long_pause : short_pause);
}

// The whole enumeration: what answers after a port reset may have other descriptors.
void ServedBoard::enumerate_again() {
    log("port reset");
    try {
        device_ = enumerate(host_, address);
        port_.open(*device_);
    } catch (const EnumerationError& error) {
        drop_device(error.what());
    } catch (const flasher::DescriptorError& error) {
        drop_device(error.what());
    }
}

void ServedBoard::drop_device(const std::string& why) {
    if (!device_) return;
    device_.reset();
    port_.abandon();
    reset_wanted_ = false;
    log(fmt::format("device gone: {}", why));
}

// --- controls ------------------------------------------------------------------------------------

void ServedBoard::hold_button(bool held) {
    if (!has_button()) return;
    button_held_ = held;
    machine_.press_button(held);
}

void ServedBoard::press_reset() {
    if (!powered()) return;
    halted_.clear();
    machine_.reset();
}

void ServedBoard::let_pass(Time span) {
    guarded([&] { machine_.run_for(span); });
}

void ServedBoard::hold_reset(bool low) {
    halted_.clear();
    machine_.hold_reset(low);
}

void ServedBoard::set_power(bool on) {
    if (on == powered()) return;
    halted_.clear();
    power_cut_.plan(0, {});
    if (on)
        machine_.power_on();
    else
        machine_.power_off();
}

void ServedBoard::cut_power_at(std::uint64_t operation) {
    power_cut_.plan(operation, {.when = PowerCut::When::during, .seed = operation});
}

}  // namespace sim::serve
