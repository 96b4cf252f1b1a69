// SPDX-License-Identifier: ISC
// RCC: oscillators, PLL, clock switch, peripheral clocks and resets, reset flags (RM0008 7.3).
#pragma once

#include "sim/chip/services.hpp"

namespace sim::chip {

/// RCC state; plain data.
struct RccState {
    bool hsi_on = true, hsi_ready = true;
    bool hse_on = false, hse_ready = false, hse_bypass = false, css_on = false;
    bool pll_on = false, pll_ready = false;
    bool lsi_on = false, lsi_ready = false;
    std::uint32_t hsitrim = 16;
    std::uint32_t cfgr = 0;  ///< Without SWS.
    std::uint32_t sws = 0;   ///< 0 HSI, 1 HSE, 2 PLL.
    std::uint32_t cir_enable = 0, cir_flags = 0;
    std::uint32_t ahbenr = 0x14, apb1enr = 0, apb2enr = 0;
    std::uint32_t apb1rstr = 0, apb2rstr = 0;
    std::uint32_t bdcr = 0;
    std::uint32_t csr_flags = 0;
    bool usb_from_hsi_noted = false;
};

/// Which enable register gates a peripheral.
enum class Gate : std::uint8_t { always, ahb, apb1, apb2 };

class Rcc : public Peripheral {
  public:
    /// What the clock tree gives to others.
    struct Hooks {
        std::function<void()> before_clock_change;  ///< Counters take stock at the old frequency.
        std::function<void()> after_clock_change;
        std::function<void(Gate, unsigned bit)> reset_peripheral;
        std::function<void()> reset_backup_domain;
        std::function<bool()> backup_writable;  ///< PWR_CR.DBP.
        std::function<std::uint32_t()> flash_wait_states;
    };

    Rcc(Services& services, std::uint32_t hse_hz, std::uint32_t lse_hz)
        : Peripheral(services), hse_hz_(hse_hz), lse_hz_(lse_hz) {}
    Hooks hooks;
    RccState state;

    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void on_alarm(Alarm alarm);
    /// Sets the flags of RCC_CSR for this cause (7.3.10).
    void note_reset(ResetCause cause);
    /// The independent watchdog forces the LSI on (7.2.5).
    void force_lsi();

    std::uint32_t sysclk_hz() const { return source_hz(state.sws); }
    std::uint32_t hclk_hz() const;
    std::uint32_t pclk1_hz() const { return hclk_hz() / prescaler(field(state.cfgr, 8, 3)); }
    std::uint32_t pclk2_hz() const { return hclk_hz() / prescaler(field(state.cfgr, 11, 3)); }
    std::uint32_t timer1_hz() const;  ///< Clock of TIM2 to TIM4: twice PCLK1 unless APB1 is not divided.
    std::uint32_t pll_hz() const;
    /// Clock of the USB block, 0 when the PLL is not ready. Says in the log when it comes from the
    /// HSI.
    std::uint32_t usb_hz();
    bool enabled(Gate gate, unsigned number) const;
    /// A frequency too high for the parts that it drives is a complaint (7.2, PM0075 2.3.1).
    void check_limits();

  private:
    std::uint32_t source_hz(std::uint32_t source) const;
    static std::uint32_t prescaler(std::uint32_t code);
    void write_cr(std::uint32_t value);
    void write_cfgr(std::uint32_t value);
    void write_bdcr(std::uint32_t value);
    void start_pll_if_possible();
    void switch_if_ready();
    void apply_clock();
    void ready_flag(unsigned number);
    void update_line();

    std::uint32_t hse_hz_;
    std::uint32_t lse_hz_;
};

}  // namespace sim::chip
