// SPDX-License-Identifier: ISC
// libusb: finding devices, opening them, transfers.
#include "flasher/usb/usb_bus.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <libusb.h>

#include "flasher/descriptors.hpp"

namespace flasher {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr unsigned transfer_limit_ms = 5'000;
constexpr milliseconds glance{5};

// --- owners of libusb's objects ------------------------------------------------------------------

using Context = std::shared_ptr<libusb_context>;

Context make_context() {
    libusb_context* context = nullptr;
    if (const int error = libusb_init(&context); error != 0)
        throw BusError(BusError::Kind::broken,
                       fmt::format("USB cannot be used here: {}", libusb_strerror(static_cast<libusb_error>(error))));
    return {context, libusb_exit};
}

struct CloseHandle {
    void operator()(libusb_device_handle* handle) const { libusb_close(handle); }
};
using Handle = std::unique_ptr<libusb_device_handle, CloseHandle>;

struct UnrefDevice {
    void operator()(libusb_device* device) const { libusb_unref_device(device); }
};
using Device = std::unique_ptr<libusb_device, UnrefDevice>;

std::vector<Device> devices_of(libusb_context* context) {
    libusb_device** all = nullptr;
    const auto count = libusb_get_device_list(context, &all);
    std::vector<Device> devices;
    devices.reserve(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    for (ssize_t i = 0; i < count; ++i)
        devices.emplace_back(all[i]);
    if (count >= 0) libusb_free_device_list(all, 0);
    return devices;
}

std::string location_of(libusb_device* device) {
    std::uint8_t ports[8];
    const int count = libusb_get_port_numbers(device, ports, sizeof ports);
    std::string text = std::to_string(libusb_get_bus_number(device));
    for (int i = 0; i < count; ++i)
        text += fmt::format("{}{}", i == 0 ? "-" : ".", ports[i]);
    return text;
}

// --- what is attached ----------------------------------------------------------------------------

/// bInterfaceNumber and protocol of the DFU interface, when there is one in the active configuration.
std::optional<std::pair<int, int>> dfu_interface_of(libusb_device* device) {
    libusb_config_descriptor* configuration = nullptr;
    if (libusb_get_active_config_descriptor(device, &configuration) != 0 &&
        libusb_get_config_descriptor(device, 0, &configuration) != 0)
        return std::nullopt;
    std::optional<std::pair<int, int>> found;
    for (int i = 0; i < configuration->bNumInterfaces; ++i)
        for (int j = 0; j < configuration->interface[i].num_altsetting; ++j) {
            const auto& one = configuration->interface[i].altsetting[j];
            if (one.bInterfaceClass == 0xFE && one.bInterfaceSubClass == 1 && !found)
                found = {one.bInterfaceNumber, one.bInterfaceProtocol};
        }
    libusb_free_config_descriptor(configuration);
    return found;
}

std::optional<Attached> attached(libusb_device* device) {
    libusb_device_descriptor descriptor{};
    if (libusb_get_device_descriptor(device, &descriptor) != 0) return std::nullopt;
    const auto dfu = dfu_interface_of(device);
    if (!dfu) return std::nullopt;
    return Attached{.location = location_of(device),
                    .idVendor = descriptor.idVendor,
                    .idProduct = descriptor.idProduct,
                    .dfu_mode = dfu->second == 2,
                    .address = libusb_get_device_address(device)};
}

[[noreturn]] void fail_to_open(int error, const Attached& device) {
    const auto who = fmt::format("{:04x}:{:04x} at {}", device.idVendor, device.idProduct, device.location);
    switch (error) {
        case LIBUSB_ERROR_ACCESS:
            throw BusError(
                BusError::Kind::denied,
                fmt::format("the system does not let you use {}; `dapboot doctor` says what to install", who));
        case LIBUSB_ERROR_BUSY:
            throw BusError(BusError::Kind::busy, fmt::format("another program or driver uses {}; end it", who));
        case LIBUSB_ERROR_NOT_SUPPORTED:
            throw BusError(BusError::Kind::denied,
                           fmt::format("{} has no driver that programs can use (on Windows: WinUSB); `dapboot doctor` "
                                       "says more",
                                       who));
        case LIBUSB_ERROR_NO_DEVICE:
        case LIBUSB_ERROR_NOT_FOUND:
            throw BusError(BusError::Kind::absent, fmt::format("{} is gone; plug it in again", who));
        default:
            throw BusError(BusError::Kind::broken, fmt::format("{} cannot be opened: {}", who,
                                                               libusb_strerror(static_cast<libusb_error>(error))));
    }
}

Handle open_device(libusb_device* device, const Attached& facts) {
    libusb_device_handle* handle = nullptr;
    if (const int error = libusb_open(device, &handle); error != 0) fail_to_open(error, facts);
    // Where the system cannot (Windows, macOS), there is nothing to detach.
    static_cast<void>(libusb_set_auto_detach_kernel_driver(handle, 1));
    return Handle(handle);
}

// --- transport -----------------------------------------------------------------------------------

class UsbTransport : public Transport {
  public:
    UsbTransport(Context context, Handle handle, Attached facts)
        : context_(std::move(context)), handle_(std::move(handle)), facts_(std::move(facts)) {}

    ~UsbTransport() override { release(); }

    TransferResult control_in(const SetupPacket& setup, std::span<std::uint8_t> data) override {
        return transfer(setup, data.data());
    }

    TransferResult control_out(const SetupPacket& setup, std::span<const std::uint8_t> data) override {
        if (setup.bmRequestType == set_interface_type && setup.bRequest == set_interface) {
            if (const auto claimed = claim(setup.wIndex); claimed != Outcome::ok) return {.outcome = claimed};
            return {.outcome = outcome_of(libusb_set_interface_alt_setting(handle_.get(), setup.wIndex, setup.wValue))};
        }
        return transfer(setup, const_cast<std::uint8_t*>(data.data()));  // libusb writes nothing to an OUT's buffer
    }

    void sleep(milliseconds duration) override { std::this_thread::sleep_for(duration); }

    Outcome bus_reset() override {
        if (!handle_) return Outcome::gone;
        const int error = libusb_reset_device(handle_.get());
        // NOT_FOUND: the device came back with other descriptors.
        return error == LIBUSB_ERROR_NOT_FOUND ? Outcome::gone : outcome_of(error);
    }

    bool wait_until_gone(milliseconds limit) override {
        const auto end = Clock::now() + limit;
        for (;;) {
            if (!is_there()) {
                close();
                return true;
            }
            if (Clock::now() >= end) return false;
            std::this_thread::sleep_for(std::min(glance, limit));
        }
    }

    bool reopen(milliseconds limit) override {
        const auto end = Clock::now() + limit;
        if (!wait_until_gone(limit)) return false;
        while (Clock::now() < end) {
            // udev gives the node to its user a moment after it has appeared: an error is not yet a reason to give up.
            try {
                if (open_what_is_there()) return true;
            } catch (const BusError&) {
                std::this_thread::sleep_for(milliseconds(50));
            }
            std::this_thread::sleep_for(glance);
        }
        return false;
    }

  private:
    static constexpr std::uint8_t set_interface_type = 0x01, set_interface = 11;

    static Outcome outcome_of(int error) {
        switch (error) {
            case 0:
                return Outcome::ok;
            case LIBUSB_ERROR_PIPE:
                return Outcome::stall;
            case LIBUSB_ERROR_TIMEOUT:
                return Outcome::timeout;
            case LIBUSB_ERROR_NO_DEVICE:
            case LIBUSB_ERROR_NOT_FOUND:
                return Outcome::gone;
            default:
                return Outcome::fault;
        }
    }

    TransferResult transfer(const SetupPacket& setup, std::uint8_t* data) {
        constexpr std::uint8_t recipient_mask = 0x1F, to_interface = 1;
        if (!handle_) return {.outcome = Outcome::gone};
        if ((setup.bmRequestType & recipient_mask) == to_interface)
            if (const auto claimed = claim(setup.wIndex & 0xFF); claimed != Outcome::ok) return {.outcome = claimed};
        const int result = libusb_control_transfer(handle_.get(), setup.bmRequestType, setup.bRequest, setup.wValue,
                                                   setup.wIndex, data, setup.wLength, transfer_limit_ms);
        if (result >= 0) return {.outcome = Outcome::ok, .length = static_cast<std::size_t>(result)};
        // The list of devices may show it for a while yet: on Linux it follows udev.
        if (result == LIBUSB_ERROR_NO_DEVICE) close();
        // A device that leaves in the middle of a transfer shows as an I/O error first.
        if (result == LIBUSB_ERROR_IO && wait_until_gone(milliseconds(50))) return {.outcome = Outcome::gone};
        return {.outcome = outcome_of(result)};
    }

    Outcome claim(int interface) {
        if (!handle_) return Outcome::gone;
        if (claimed_.contains(interface)) return Outcome::ok;
        const int error = libusb_claim_interface(handle_.get(), interface);
        if (error == LIBUSB_ERROR_BUSY)
            throw BusError(
                BusError::Kind::busy,
                fmt::format("another program holds the DFU interface of the device at {}; end it", facts_.location));
        if (error == 0) claimed_.insert(interface);
        return outcome_of(error);
    }

    void release() {
        for (const int interface : claimed_)
            if (handle_) libusb_release_interface(handle_.get(), interface);
        claimed_.clear();
    }

    void close() {
        release();
        handle_.reset();
    }

    [[nodiscard]] bool is_there() const {
        return handle_ && std::ranges::any_of(devices_of(context_.get()), [&](const Device& one) {
                   return libusb_get_device_address(one.get()) == facts_.address &&
                          location_of(one.get()) == facts_.location;
               });
    }

    bool open_what_is_there() {
        for (const auto& one : devices_of(context_.get())) {
            if (location_of(one.get()) != facts_.location) continue;
            const auto found = attached(one.get());
            if (!found) continue;
            handle_ = open_device(one.get(), *found);
            facts_ = *found;
            return true;
        }
        return false;
    }

    Context context_;
    Handle handle_;
    Attached facts_;
    std::set<int> claimed_;
};

class UsbBus : public Bus {
  public:
    std::vector<Attached> list() override {
        std::vector<Attached> found;
        for (const auto& one : devices_of(context_.get()))
            if (auto facts = attached(one.get())) found.push_back(std::move(*facts));
        std::ranges::sort(found, {}, &Attached::location);
        return found;
    }

    std::unique_ptr<Transport> open(const std::string& location) override {
        // A context of its own for each: devices are flashed by a thread each.
        auto context = make_context();
        for (const auto& one : devices_of(context.get())) {
            if (location_of(one.get()) != location) continue;
            const auto facts = attached(one.get());
            if (!facts) break;
            return std::make_unique<UsbTransport>(context, open_device(one.get(), *facts), *facts);
        }
        throw BusError(
            BusError::Kind::absent,
            fmt::format("there is no device with a DFU interface at {} any more; plug it in again", location));
    }

    [[nodiscard]] std::string name() const override { return "USB"; }

  private:
    Context context_ = make_context();
};

}  // namespace

std::unique_ptr<Bus> open_usb() {
    return std::make_unique<UsbBus>();
}

std::vector<UsbDiagnosis> diagnose_usb() {
    const auto context = make_context();
    std::vector<UsbDiagnosis> found;
    for (const auto& one : devices_of(context.get())) {
        const auto facts = attached(one.get());
        if (!facts) continue;
        UsbDiagnosis diagnosis{.device = *facts, .node = {}, .problem = {}, .sentence = {}, .driver = {}};
#ifdef __linux__
        diagnosis.node = fmt::format("/dev/bus/usb/{:03}/{:03}", libusb_get_bus_number(one.get()), facts->address);
#endif
        try {
            const auto handle = open_device(one.get(), *facts);
            const int number = dfu_interface_of(one.get()).value_or(std::pair{0, 0}).first;
            if (libusb_kernel_driver_active(handle.get(), number) == 1) diagnosis.driver = "a driver of the kernel";
            if (const int error = libusb_claim_interface(handle.get(), number); error != 0) fail_to_open(error, *facts);
            libusb_release_interface(handle.get(), number);
        } catch (const BusError& error) {
            diagnosis.problem = error.kind();
            diagnosis.sentence = error.what();
        }
        found.push_back(std::move(diagnosis));
    }
    return found;
}

std::string libusb_version() {
    const auto* version = libusb_get_version();
    return fmt::format("{}.{}.{}", version->major, version->minor, version->micro);
}

}  // namespace flasher
