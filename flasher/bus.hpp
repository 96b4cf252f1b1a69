// SPDX-License-Identifier: ISC
// Where devices are: the USB of this machine, or the boards that a USB/IP server lends.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "flasher/transport.hpp"

namespace flasher {

/// A device that cannot be reached, or the bus itself. what() is a sentence; the kind decides the exit code.
class BusError : public std::runtime_error {
  public:
    enum class Kind {
        absent,  ///< It is not there (any more).
        denied,  ///< The system does not let this person use it.
        busy,    ///< Another program or driver holds it.
        broken,  ///< Bus or server do not work.
    };
    BusError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
    [[nodiscard]] Kind kind() const { return kind_; }

  private:
    Kind kind_;
};

/// A device with a DFU interface, as it can be seen without using it.
struct Attached {
    std::string location;  ///< Bus and ports, such as "1-4.2": the same for whatever is plugged in there.
    std::uint16_t idVendor = 0;
    std::uint16_t idProduct = 0;
    bool dfu_mode = false;  ///< A bootloader; else an application with a DFU interface.
    unsigned address = 0;   ///< Another one each time that a device attaches, where the bus has such a number.

    bool operator==(const Attached&) const = default;
};

class Bus {
  public:
    Bus() = default;
    Bus(const Bus&) = delete;
    Bus& operator=(const Bus&) = delete;
    virtual ~Bus() = default;

    /// All devices with a DFU interface, sorted by location. Throws BusError.
    [[nodiscard]] virtual std::vector<Attached> list() = 0;
    /// Opens the device at `location`. Throws BusError.
    [[nodiscard]] virtual std::unique_ptr<Transport> open(const std::string& location) = 0;
    /// For sentences: "USB" or "the USB/IP server at localhost:3240".
    [[nodiscard]] virtual std::string name() const = 0;
};

}  // namespace flasher
