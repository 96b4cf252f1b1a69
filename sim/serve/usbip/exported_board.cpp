// SPDX-License-Identifier: ISC
// A frame of the board: what the client asked for, then a look at the port.
#include "sim/serve/usbip/exported_board.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "flasher/descriptors.hpp"
#include "sim/usb/bus_timing.hpp"
#include "sim/usb/enumeration.hpp"

namespace sim::usbip {
namespace {

constexpr std::uint8_t address = 1;
/// As Linux does: a few attempts, then the port is left alone until something new attaches.
constexpr unsigned enumeration_attempts = 4;
constexpr Time enumeration_pause = 500 * millisecond;
/// A chip that has started over decides within this time whether it will be seen on the bus.
constexpr Time settle_after_reset = 20 * millisecond;
/// A root hub's reset keeps endpoint 0 idle for 60 ms at least; requests of programs come closer.
constexpr auto reset_silence = std::chrono::milliseconds(50);
/// GET_DESCRIPTOR of 64 bytes of the device descriptor.
constexpr std::array<std::uint8_t, 8> first_look{0x80, 6, 0, 1, 0, 0, 64, 0};

ChipVariant with_serial(ChipVariant chip, unsigned number) {
    chip.unique_id[0] += number - 1;
    return chip;
}

DeviceFacts facts_of(const EnumeratedDevice& enumerated, const std::string& bus_id, unsigned number) {
    const auto& device = enumerated.device;
    const auto configuration = flasher::parse_configuration(enumerated.configuration_descriptor);
    DeviceFacts facts{.bus_id = bus_id,
                      .bus = 1,
                      .device = number + 1,  // number 1 is the root hub's
                      .idVendor = device.idVendor,
                      .idProduct = device.idProduct,
                      .bcdDevice = device.bcdDevice,
                      .bDeviceClass = device.bDeviceClass,
                      .bDeviceSubClass = device.bDeviceSubClass,
                      .bDeviceProtocol = device.bDeviceProtocol,
                      .bConfigurationValue = configuration.bConfigurationValue,
                      .bNumConfigurations = device.bNumConfigurations,
                      .interfaces = {}};
    for (const auto& one : configuration.interfaces)
        if (one.bAlternateSetting == 0)
            facts.interfaces.push_back({one.bInterfaceClass, one.bInterfaceSubClass, one.bInterfaceProtocol});
    return facts;
}

}  // namespace

ExportedBoard::ExportedBoard(const Board& board, unsigned number, const MachineOptions& options,
                             const std::function<void(Machine&)>& load, Log log)
    : bus_id_(fmt::format("1-{}", number)),
      number_(number),
      log_(std::move(log)),
      machine_(with_serial(board.chip, number), board.wiring, options),
      host_(machine_.usb(), machine_),
      port_(host_) {
    load(machine_);
}

// --- transfers -----------------------------------------------------------------------------------

// A client's own hub resets its port without a word to us (clients keep SET_ADDRESS to themselves, too). What comes
// through is the first thing that Linux asks afterwards.
bool ExportedBoard::is_trace_of_port_reset(const Submit& submit, WallClock::time_point now) const {
    return submit.endpoint == 0 && submit.setup == first_look && (submit.flags & Submit::short_not_ok) == 0 &&
           !port_.control_pending() && now - control_idle_since_ >= reset_silence;
}

void ExportedBoard::submit(Submit submit, WallClock::time_point now) {
    if (!device_) return;
    if (is_trace_of_port_reset(submit, now)) reset_wanted_ = true;
    if (submit.endpoint == 0) control_idle_since_ = now;
    port_.submit(std::move(submit));
}

std::vector<Completion> ExportedBoard::run_frame() {
    if (!halted_.empty()) return {};
    try {
        return run_port();
    } catch (const MachineError& error) {
        halted_ = error.cause();
        log_(fmt::format("{}: the chip stands still until a reset: {}", bus_id_, error.what()));
        drop_device("its program crashed");
    }
    return {};
}

std::vector<Completion> ExportedBoard::run_port() {
    std::vector<Completion> done;
    if (device_ && std::exchange(reset_wanted_, false)) {
        log_(fmt::format("{}: port reset", bus_id_));
        reset_device();
    }
    if (device_)
        done = port_.run_frame();
    else
        host_.advance(millisecond);
    watch_port();
    return done;
}

// --- the device on the bus -----------------------------------------------------------------------

void ExportedBoard::watch_port() {
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
        return;
    }
    const bool settled = host_.now() - host_.state().attached_since >= host_.timing().debounce;
    if (!device_ && settled && host_.now() >= next_enumeration_ && failed_enumerations_ < enumeration_attempts)
        enumerate_device();
}

void ExportedBoard::enumerate_device() {
    try {
        const auto enumerated = enumerate(host_, address);
        device_ = facts_of(enumerated, bus_id_, number_);
        port_.open(enumerated);
        ++attachments_;
        failed_enumerations_ = 0;
        control_idle_since_ = {};
        log_(fmt::format("{}: device {:04x}:{:04x} attached", bus_id_, device_->idVendor, device_->idProduct));
        return;
    } catch (const EnumerationError& error) {
        // Nobody answers: an application without USB, behind a pull-up that is always there.
        if (failed_enumerations_ == 0)
            log_(fmt::format("{}: attached, but no usable device: {}", bus_id_, error.what()));
    } catch (const flasher::DescriptorError& error) {
        log_(fmt::format("{}: a device with a wrong descriptor: {}", bus_id_, error.what()));
    }
    ++failed_enumerations_;
    next_enumeration_ = host_.now() + enumeration_pause;
}

void ExportedBoard::drop_device(const char* why) {
    if (!device_) return;
    device_.reset();
    port_.abandon();
    reset_wanted_ = false;
    log_(fmt::format("{}: device gone: {}", bus_id_, why));
}

// The whole enumeration again: what answers now may have other descriptors.
void ExportedBoard::reset_device() {
    try {
        const auto enumerated = enumerate(host_, address);
        device_ = facts_of(enumerated, bus_id_, number_);
        port_.open(enumerated);
    } catch (const EnumerationError& error) {
        drop_device(error.what());
    } catch (const flasher::DescriptorError& error) {
        drop_device(error.what());
    }
}

// --- hands ---------------------------------------------------------------------------------------

void ExportedBoard::hold_button(bool held) {
    if (!has_button()) return;
    button_held_ = held;
    machine_.press_button(held);
}

void ExportedBoard::press_reset() {
    halted_.clear();
    machine_.reset();
}

void ExportedBoard::set_power(bool on) {
    if (on == machine_.powered()) return;
    halted_.clear();
    if (on)
        machine_.power_on();
    else
        machine_.power_off();
}

}  // namespace sim::usbip
