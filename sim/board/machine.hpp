// SPDX-License-Identifier: ISC
// The virtual board: an STM32F103 with its wiring, running an unmodified binary in virtual time.
//
// Order of use: construct, load, power_on, then run_until again and again; between runs press buttons, read pins, talk
// through usb(). Nothing happens between runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/chip/error.hpp"
#include "sim/chip/flash_observer.hpp"
#include "sim/chip/options.hpp"
#include "sim/chip/variant.hpp"
#include "sim/chip/wiring.hpp"
#include "sim/time.hpp"
#include "sim/usb/port.hpp"

namespace sim {

/// What the machine counted since it was built.
struct MachineCounters {
    std::uint64_t instructions = 0;  ///< Really executed; loops that were skipped count only in time.
    std::uint64_t cycles = 0;        ///< Of HCLK, skipped loops and sleep included.
    std::uint64_t complaints = 0;    ///< What the model refused, or would if pedantic.
    std::uint64_t flash_operations = 0;
    std::uint64_t resets = 0;
    std::uint64_t usb_transactions = 0;
};

/// As a BusClock it is the world of a host at its port: UsbHost host(machine.usb(), machine).
class Machine : public BusClock {
  public:
    explicit Machine(const ChipVariant& variant = stm32f103c8, const BoardWiring& wiring = {},
                     const MachineOptions& options = {});
    ~Machine() override;
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    /// Loads an image of any format that the flasher reads into flash, over what is there; `base` is
    /// for files that do not know their address. Throws flasher::ImageError that names the file when
    /// it is malformed or does not fit; nothing has been changed then.
    void load(const std::filesystem::path& file, std::uint32_t base = 0x0800'0000);
    /// Writes flash as a debug probe would: no time passes, no rules apply. Address 0x08000000 and
    /// up.
    void load_bytes(std::uint32_t address, std::span<const std::uint8_t> bytes);

    /// Power comes; reset follows. RAM holds noise (seeded), backup registers what a battery kept.
    void power_on();
    /// Power goes at this instant. A flash operation under way ends half done.
    void power_off();
    bool powered() const;
    /// The NRST pin is pulsed.
    void reset();
    /// The BOOT0 pin, low unless this was called. High at a reset starts the loader in system memory (RM0008 3.4).
    void set_boot0(Level level);
    [[nodiscard]] Level boot0() const;
    /// The loader in system memory runs.
    [[nodiscard]] bool in_system_loader() const;
    /// A byte arrives at USART1's receiver (PA10), for the loader in system memory with even parity, for a program with
    /// the parity that it has set, and after those that were given before. Lines (sim/board/lines.hpp) can do more.
    void receive_serial(std::uint8_t byte, std::uint32_t baud);
    /// Bytes of receive_serial() that are still under way.
    [[nodiscard]] std::size_t serial_backlog() const;
    /// NRST is held low, or let go: a reset begins then.
    void hold_reset(bool low);
    ResetCause last_reset() const;

    [[nodiscard]] Time now() const override;
    /// Runs until virtual time is at least `when` (later by one instruction at most). Throws
    /// MachineError. After a power cut (FlashObserver) time goes on and nothing else does.
    void run_until(Time when) override;
    void run_for(Time span) { run_until(now() + span); }
    /// Runs until `done()` holds, asked after each `step`, or until `limit`. Says whether it held.
    bool run_until(Time limit, const std::function<bool()>& done, Time step = Time{1'000'000'000});

    UsbPort& usb();

    /// Level at a pin, from whoever drives it: chip, button, resistors.
    Level pin_level(Pin pin) const;
    /// A wire from outside drives the pin; nullopt releases it.
    void drive_pin(Pin pin, std::optional<Level> level);
    void press_button(bool pressed);
    /// The crystal at OSC_IN stops swinging, or starts again.
    void fail_crystal(bool failed);
    /// The board's LED. False when there is none, or no power.
    bool led_lit() const;
    /// `callback` for each change of the pin's level, from inside the run.
    void on_pin_change(Pin pin, std::function<void(Time, Level)> callback);
    /// `callback` each time the instruction at `address` is about to execute, from inside the run.
    /// The callback must not run, restore or reset the machine. Several addresses may be watched.
    void on_execute(std::uint32_t address, std::function<void(Time)> callback);
    void clear_on_execute();
    /// `callback` each time the core enters (true) or leaves an exception, by its number (16 is interrupt 0 of RM0008
    /// table 63), from inside the run; number 0, left: all of them ended with a reset. An empty one ends it.
    void on_exception(std::function<void(Time, int, bool)> callback);
    /// Bytes that a USART, or the loader in system memory, sent (1 or 2), from inside the run.
    void on_usart(std::function<void(int, std::uint8_t)> callback);
    /// What the program writes to ITM's stimulus ports, by port, 1, 2 or 4 bytes, as it leaves on TRACESWO.
    void on_trace(std::function<void(Time, unsigned port, std::uint32_t value, unsigned size)> callback);
    /// One observer, or nullptr. It must outlive its use.
    void set_flash_observer(FlashObserver* observer);

    std::span<const std::uint8_t> flash() const;           ///< The array, from 0x08000000.
    std::span<const std::uint8_t> ram() const;             ///< From 0x20000000.
    std::uint32_t read_word(std::uint32_t address) const;  ///< Of flash, RAM or system memory; no side effects.
    std::uint16_t backup_register(int number) const;       ///< BKP_DR1 is 1. Up to 10 (42 on high density).
    void set_backup_register(int number, std::uint16_t value);
    /// Option bytes as the flash holds them, sixteen: RDP, nRDP, USER, nUSER, Data0 ... WRP3,
    /// nWRP3. Take effect at the next reset (RM0008 3.3.5, PM0075 2.5).
    std::span<const std::uint8_t> option_bytes() const;
    void set_option_bytes(std::span<const std::uint8_t> bytes);
    /// These bits of a half-word never leave the given level, whatever is erased or programmed.
    void stick_bits(std::uint32_t address, std::uint16_t mask, Level level);

    /// r0 to r15 by number; 13 is the stack pointer in use, 15 the next instruction's address.
    std::uint32_t core_register(int number) const;
    std::uint32_t xpsr() const;
    bool sleeping() const;  ///< In WFI or WFE.
    std::uint32_t hclk_hz() const;
    /// Fills RAM with a pattern; deepest_ram_write() then tells how far down the stack came.
    void paint_ram(std::uint32_t pattern = 0xDEAD'BEEF);
    /// Lowest address of RAM at or above `from` whose word no longer holds the pattern that
    /// paint_ram() wrote.
    std::uint32_t deepest_ram_write(std::uint32_t from) const;
    /// Lowest value the stack pointer had at any exception entry, call or push since power on.
    std::uint32_t lowest_stack_pointer() const;

    /// What a probe does through the access port (RM0008 31.8): 1, 2 or 4 bytes at an address that is a multiple of it,
    /// memory and registers alike, those of the debug units among them. False: the bus answered with an error.
    bool probe_read(std::uint32_t address, unsigned size, std::uint32_t& value);
    bool probe_write(std::uint32_t address, unsigned size, std::uint32_t value);
    /// The program has left the JTAG pins to the debug port (AFIO_MAPR.SWJ_CFG).
    bool jtag_connected() const;
    /// The same of the two pins of serial wire debug.
    bool swd_connected() const;
    /// The core is in debug state.
    bool halted() const;
    /// Called from inside the run as long as the core is in debug state; no time passes meanwhile. It may use
    /// probe_read(), probe_write() and request_reset(), and must not run the machine. Empty: time goes on while the
    /// core is halted, as on silicon.
    void on_halt(std::function<void()> callback);
    /// The chip is reset before the next instruction. May be called from callbacks.
    void request_reset();

    const MachineCounters& counters() const;
    const std::vector<std::string>& complaints() const;  ///< The first 1000, whole sentences.
    const ChipVariant& variant() const;
    const BoardWiring& wiring() const;

    /// Everything that decides how the run goes on: core, memories, peripherals, wires, time. Not
    /// the callbacks.
    class Snapshot;
    std::shared_ptr<const Snapshot> snapshot() const;
    /// Of this machine, or of another one with the same variant and wiring (else
    /// std::invalid_argument).
    void restore(const Snapshot& snapshot);

  private:
    friend class Lines;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sim
