// SPDX-License-Identifier: ISC
// Records a run as a Value Change Dump (IEEE 1364-2001 section 18), which GTKWave, sigrok and others show: power, pins,
// bus, flash and exceptions over virtual time, in nanoseconds.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "sim/board/machine.hpp"

namespace sim {

class Waveform final : public UsbPort, public FlashObserver {
  public:
    /// Records `machine`, which has not been powered yet, from now on. A host that shall be seen talks to this object
    /// instead of machine.usb(). `flash_timing` is the machine's. All arguments outlive the recording, and the machine
    /// does not run after it.
    Waveform(Machine& machine, const FlashTiming& flash_timing, std::ostream& out);
    /// Writes what is still to come of a flash operation, and the end of the recording.
    ~Waveform() override;

    /// Asked before each flash operation whether the power fails; nullptr: it does not.
    void set_flash_observer(FlashObserver* next) { next_ = next; }
    /// Power or reset may have changed just now.
    void look();

    bool attached() const override;
    std::uint64_t disconnections() const override { return port_.disconnections(); }
    void begin_reset() override;
    void end_reset() override;
    void sof(std::uint16_t frame) override;
    void begin_resume() override;
    void end_resume() override;
    bool drives_resume() const override { return port_.drives_resume(); }
    void begin_transaction(Token token, std::uint8_t address, std::uint8_t endpoint) override;
    void end_transaction() override;
    Handshake setup(std::uint8_t address, std::uint8_t endpoint, std::span<const std::uint8_t> bytes,
                    bool data1) override;
    Handshake out(std::uint8_t address, std::uint8_t endpoint, bool data1,
                  std::span<const std::uint8_t> bytes) override;
    InAnswer in(std::uint8_t address, std::uint8_t endpoint, bool host_acknowledges) override;

    PowerCut before(const FlashOperation& operation) override;
    void after(const FlashOperation& operation) override;

  private:
    /// A variable of the dump.
    struct Signal {
        std::string code;
        unsigned bits = 1;
        std::uint32_t value = 0;
    };
    std::size_t declare(const std::string& name, unsigned bits = 1);
    void declare_all();
    void set(std::size_t signal, std::uint32_t value, Time at);
    void set(std::size_t signal, std::uint32_t value) { set(signal, value, machine_.now()); }
    void write(Signal& signal, std::uint32_t value, Time at);
    void note_handshake(Handshake handshake, std::size_t bytes);
    void on_exception(Time at, int number, bool entered);

    Machine& machine_;
    UsbPort& port_;
    const FlashTiming flash_timing_;
    std::ostream& out_;
    FlashObserver* next_ = nullptr;
    std::vector<Signal> signals_;
    std::map<Pin, std::size_t> pins_;
    Time flash_done_ = never;  ///< When FLASH is no longer busy.
    std::int64_t stamp_ = -1;  ///< Nanosecond of the last line written.
    std::vector<int> exceptions_;
    std::size_t power_, resets_, led_, attached_, bus_reset_, resume_, frame_, token_, address_, endpoint_, handshake_,
        length_, busy_, operation_, flash_address_, flash_value_, exception_;
};

}  // namespace sim
