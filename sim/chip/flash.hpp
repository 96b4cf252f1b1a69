// SPDX-License-Identifier: ISC
// FLASH: the array, its controller and the option bytes (PM0075; RM0008 3.3.3).
#pragma once

#include <map>
#include <vector>

#include "sim/chip/flash_observer.hpp"
#include "sim/chip/peripheral.hpp"
#include "sim/chip/wiring.hpp"

namespace sim::chip {

inline constexpr std::uint32_t flash_base = 0x0800'0000;
inline constexpr std::uint32_t option_base = 0x1fff'f800;

/// Bits of a half-word that never leave their level.
struct StuckBits {
    std::uint16_t high = 0, low = 0;
};

/// Controller state; plain data. The array is kept beside it.
struct FlashState {
    std::uint32_t acr = 0x30;
    std::uint32_t cr = 0x80;
    std::uint32_t sr = 0;  ///< Without BSY.
    std::uint32_t ar = 0;
    std::uint32_t obr = 0;
    std::uint32_t wrpr = 0xffff'ffff;
    std::uint8_t key_step = 0, option_key_step = 0;
    bool dead = false;  ///< A wrong key: locked until reset (PM0075 2.3.2).
    bool busy = false;
    bool busy_unseen = false;  ///< The first read of FLASH_SR after STRT does not show BSY yet (ES096 2.2.8).
    Time busy_until{};
    std::array<std::uint8_t, 16> options{0xa5, 0x5a, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00,
                                         0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00};
    std::uint64_t operations = 0;
    /// What the running operation does, for a power failure in the middle of it.
    FlashOperation running{};
};

class Flash : public Peripheral {
  public:
    Flash(Services& services, const ChipVariant& variant);
    State<FlashState> state;
    std::vector<std::uint8_t> array;
    std::vector<std::uint8_t> before;          ///< What the running operation found, from running.address.
    std::map<std::uint32_t, StuckBits> stuck;  ///< By address. No reset heals a cell.
    FlashObserver* observer = nullptr;
    std::function<void(std::uint32_t address, std::uint32_t size)> content_changed;
    std::function<bool()> hsi_on;
    std::function<void()> latency_changed;

    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;       ///< Loads the option bytes, too.
    void power_lost() override;  ///< The operation under way stays half done.

    /// A store into the array or the option bytes. Bus errors are reported through Services.
    void store(std::uint32_t address, unsigned size, std::uint32_t value);
    bool busy() const { return state.busy; }
    /// Whoever reads the array has to wait.
    bool stalls() const { return state.busy && variant_.stalls_while_busy; }
    std::uint32_t wait_states() const { return field(state.acr, 0, 3); }
    bool hardware_watchdog() const { return (state.obr & bit(2)) == 0; }
    bool read_protected() const { return (state.obr & bit(1)) != 0; }
    bool write_protected(std::uint32_t address) const;
    void stick_bits(std::uint32_t address, std::uint16_t mask, Level level);
    std::uint16_t half_word(std::uint32_t address) const;
    void apply_stuck_bits(std::uint32_t address, std::uint32_t size);

  private:
    void key(std::uint32_t value);
    void option_key(std::uint32_t value);
    void write_cr(std::uint32_t value);
    void start_erase();
    void program(std::uint32_t address, std::uint16_t value);
    void program_option(std::uint32_t address, std::uint16_t value);
    void load_options();
    /// Starts the operation unless the observer cuts the power; `change` makes the new content.
    void operate(FlashOperation operation, std::uint32_t size, Time duration, const std::function<void()>& change);
    void cut_short(double fraction, std::uint64_t seed);
    void on_done();
    void update_line();
    void leave_half_done_now();

    const ChipVariant variant_;
    Alarm done_;
    InterruptLine line_;
};

}  // namespace sim::chip
