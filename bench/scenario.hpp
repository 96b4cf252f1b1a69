// SPDX-License-Identifier: ISC
// A virtual board with the bootloader in it, a host at its port, and applications to send.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "flasher/dfu_client.hpp"
#include "sim/board/boards.hpp"
#include "sim/board/machine.hpp"
#include "sim/usb/dfu_transport.hpp"
#include "sim/usb/host.hpp"

namespace bench {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::uint32_t flash_base = 0x0800'0000;

/// An application of `size` bytes that nothing can compress or skip: random half-words, none of
/// them blank or zero, and a vector table whose reset handler is an endless loop. The same `seed`
/// gives the same bytes.
[[nodiscard]] Bytes random_application(std::size_t size, std::uint32_t address, unsigned seed);

/// Where random_application() starts to run, without the Thumb bit.
[[nodiscard]] constexpr std::uint32_t entry_of(std::uint32_t address) {
    return address + 0x100;
}

struct ScenarioOptions {
    std::string board = "bluepill";  ///< As sim::find_board knows it.
    std::filesystem::path firmware;
    std::uint32_t application_base = flash_base + 0x2000;
    bool high_memory = false;  ///< Page 0 then holds the bootloader's two words, not the image's.
    sim::FlashTiming flash_timing = sim::typical_flash;
    sim::HostProfile host = sim::HostProfile::immediate;
};

/// One board from power-on. Everything happens in virtual time.
class Scenario {
  public:
    explicit Scenario(const ScenarioOptions& options);

    /// Puts bytes where the application lies, as a debug probe would, before power comes.
    void install(const Bytes& application);
    /// Powers the board in DFU mode, by its backup register, and enumerates it. `prepare` is called
    /// with power on, before the reset from which everything starts.
    void power_on_in_dfu(const std::function<void()>& prepare = {});
    /// Resets a powered board into DFU mode, and enumerates it.
    void reset_into_dfu();
    void power_on() { machine_.power_on(); }

    /// Takes an application as dfu-util does. The answer is the time from the first request of the
    /// session until the device has said that the update is complete. Throws flasher::DfuError, and
    /// std::runtime_error when flash then holds something else or the application does not start.
    sim::Time download(const Bytes& application);
    /// From there, and a DFU_DETACH, to the first instruction of the application.
    [[nodiscard]] sim::Time start_pause() const { return start_pause_; }
    /// Reads `size` bytes back; the time from the first request until the device is idle again.
    /// Throws std::runtime_error when they are not those in flash.
    sim::Time upload(std::size_t size);

    sim::Machine& machine() { return machine_; }
    sim::UsbHost& host() { return *host_; }
    sim::HostTransport& transport() { return *transport_; }
    flasher::DfuClient& client() { return *client_; }

  private:
    [[nodiscard]] bool holds(const Bytes& image);

    ScenarioOptions options_;
    const sim::Board& board_;
    sim::Time start_pause_{};
    sim::Machine machine_;
    std::unique_ptr<sim::UsbHost> host_;
    std::unique_ptr<sim::HostTransport> transport_;
    std::unique_ptr<flasher::DfuClient> client_;
};

}  // namespace bench
