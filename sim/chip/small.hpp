// SPDX-License-Identifier: ISC
// The peripherals that fit on a page each: AFIO, EXTI, PWR, BKP, CRC, DBGMCU.
#pragma once

#include "sim/chip/services.hpp"
#include "sim/chip/wiring.hpp"

namespace sim::chip {

/// Alternate functions and the debug port's pins (RM0008 9.4).
struct AfioState {
    std::uint32_t evcr = 0, mapr = 0, mapr2 = 0;
    std::uint32_t swj = 0;  ///< SWJ_CFG, write-only in MAPR.
    std::array<std::uint32_t, 4> exticr{};
};
class Afio : public Peripheral {
  public:
    using Peripheral::Peripheral;
    AfioState state;
    std::function<void()> debug_pins_changed;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    bool claimed_by_debug(Pin pin) const;
    /// Port that line `number` of EXTI listens to: 'A' to 'G'.
    char exti_port(unsigned number) const;
};

/// External interrupts (RM0008 10.3). Lines 0 to 15 are pins, 16 PVD, 17 RTC, 18 USB wake-up.
struct ExtiState {
    std::uint32_t imr = 0, emr = 0, rtsr = 0, ftsr = 0, pr = 0;
};
class Exti : public Peripheral {
  public:
    using Peripheral::Peripheral;
    ExtiState state;
    std::function<void()> event;  ///< A WFE wakes.
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void edge(unsigned line, bool rising);

  private:
    void trigger(std::uint32_t lines);
    void update_lines();
};

/// Power control (RM0008 5.4).
struct PwrState {
    std::uint32_t cr = 0, csr = 0;
};
class Pwr : public Peripheral {
  public:
    using Peripheral::Peripheral;
    PwrState state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override { state = {}; }
    bool backup_writable() const { return (state.cr & bit(8)) != 0; }
};

/// Backup registers (RM0008 6.4). They outlive every reset.
struct BkpState {
    std::array<std::uint16_t, 42> dr{};
    std::uint16_t rtccr = 0, cr = 0, csr = 0;
};
class Bkp : public Peripheral {
  public:
    Bkp(Services& services, bool high_density) : Peripheral(services), count_(high_density ? 42 : 10) {}
    BkpState state;
    std::function<bool()> writable;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override {}
    void reset_domain() { state = {}; }
    int count() const { return count_; }

  private:
    std::uint16_t* at(std::uint32_t offset);
    int count_;
};

/// CRC-32 of whole words, polynomial 0x04C11DB7 (RM0008 4).
struct CrcState {
    std::uint32_t dr = 0xffff'ffff, idr = 0;
};
class Crc : public Peripheral {
  public:
    using Peripheral::Peripheral;
    CrcState state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override { state = {}; }
};

/// Debug MCU block (RM0008 31.16). DBGMCU_CR survives a system reset.
struct DbgmcuState {
    std::uint32_t cr = 0;
};
class Dbgmcu : public Peripheral {
  public:
    Dbgmcu(Services& services, std::uint32_t idcode) : Peripheral(services), idcode_(idcode) {}
    DbgmcuState state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override {}

  private:
    std::uint32_t idcode_;
};

}  // namespace sim::chip
