// SPDX-License-Identifier: ISC
// A board on a bench: a bootloader in its flash, perhaps an application, power, a USB host, and somebody who looks at
// every flash operation.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "flasher/dfu_client.hpp"
#include "sim/board/machine.hpp"
#include "sim/usb/dfu_transport.hpp"
#include "tests/sim/support/application.hpp"
#include "tests/sim/support/dfu_requests.hpp"

namespace sim::test {

/// Keeps every flash operation, and those that touched what no update may touch.
class FlashWatch : public FlashObserver {
  public:
    explicit FlashWatch(const Target& target) : target_(target) {}

    PowerCut before(const FlashOperation& operation) override;
    void after(const FlashOperation&) override {}

    /// The power fails at the operation with this number in operations().
    void cut_at(std::size_t index, PowerCut cut) {
        cut_index_ = index;
        cut_ = cut;
    }
    void clear();
    [[nodiscard]] const std::vector<FlashOperation>& operations() const { return operations_; }
    [[nodiscard]] std::size_t erases() const;
    /// Operations outside of the application's region.
    [[nodiscard]] const std::vector<FlashOperation>& trespasses() const { return trespasses_; }

  private:
    const Target target_;
    std::vector<FlashOperation> operations_, trespasses_;
    std::optional<std::size_t> cut_index_;
    PowerCut cut_;
};

/// What a chip does when power comes.
enum class Fate : std::uint8_t {
    application,  ///< It runs the application; Bench::running() tells which.
    bootloader,   ///< It has attached to the bus.
    neither,      ///< Neither, or the machine refused what it did.
};

class Bench {
  public:
    /// The bootloader is loaded as by a debug probe, from `firmware` or the target's own file.
    explicit Bench(const Target& target, MachineOptions options = {});
    Bench(const Target& target, const Board& board, MachineOptions options = {},
          const std::filesystem::path& firmware = {});
    ~Bench();

    /// Puts an application into flash as a debug probe would.
    void install(const Application& application);
    /// Powers the board and asks for DFU as an application does. The device then waits for a host.
    void start_dfu();
    /// start_dfu() and enumeration by `host`.
    void enter_dfu();
    /// Asks for DFU on a board that is powered, whatever it does, and enumerates it.
    void enter_dfu_again();
    /// Enumerates what is attached. Throws EnumerationError.
    void enumerate();
    /// A client for the enumerated device. Valid until the next enumerate().
    [[nodiscard]] flasher::DfuClient client();

    /// Power off and on again with nothing asked for: what does the chip do?
    Fate power_cycle();
    /// The same after reset only.
    Fate watch_start();
    /// Like power_cycle(), but takes a bootloader that runs after Target::decision for one that
    /// will attach. Much faster.
    Fate power_cycle_briefly();
    /// Whether the application is running now.
    [[nodiscard]] bool running(const Application& application) const;
    /// Power cycle, and the application starts, and is whole in flash.
    [[nodiscard]] bool boots(const Application& application);
    [[nodiscard]] bool holds(const Application& application) const {
        return test::holds(target, machine.flash(), application);
    }
    /// The bootloader's own bytes are as loaded, its vectors in page 0 included.
    [[nodiscard]] bool bootloader_is_whole() const;

    const Target target;
    const Board board;
    Machine machine;
    UsbHost host;
    DfuRequests dfu{host};
    FlashWatch watch;
    std::unique_ptr<HostTransport> transport;

  private:
    void watch_application(bool& started);

    std::vector<std::uint8_t> first_flash_;
};

}  // namespace sim::test
