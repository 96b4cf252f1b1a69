// SPDX-License-Identifier: ISC
// RCC: oscillators, PLL, clock switch, peripheral clocks and resets, reset flags (RM0008 7.3).
#pragma once

#include "sim/chip/flash.hpp"
#include "sim/chip/peripheral.hpp"
#include "sim/chip/pwr.hpp"
#include "sim/chip/wiring.hpp"

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
    bool hse_failed = false;
    bool css_flag = false;
};

class Rcc : public Peripheral {
  public:
    Rcc(Services& services, const Pwr& pwr, const Flash& flash, const BoardWiring& wiring);
    State<RccState> state;
    std::function<void()> clock_security;  ///< NMI pends (7.2.7).

    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void power_lost() override;
    void reset_backup_domain() override { state.bdcr = 0; }
    /// Sets the flags of RCC_CSR for this cause (7.3.10).
    void note_reset(ResetCause cause);
    /// The independent watchdog forces the LSI on (7.2.5).
    void force_lsi();

    std::uint32_t sysclk_hz() const { return source_hz(state.sws); }
    std::uint32_t hclk_hz() const;
    std::uint32_t pclk1_hz() const { return hclk_hz() / prescaler(field(state.cfgr, 8, 3)); }
    std::uint32_t pclk2_hz() const { return hclk_hz() / prescaler(field(state.cfgr, 11, 3)); }
    /// Clock of the bus that `gate` belongs to.
    std::uint32_t pclk_hz(Gate gate) const { return gate == Gate::apb2 ? pclk2_hz() : pclk1_hz(); }
    /// Clock of the timers on the bus of `gate`: twice its clock unless the bus is not divided (7.2).
    std::uint32_t timer_hz(Gate gate) const;
    std::uint32_t pll_hz() const;
    /// Clock of the RTC (7.2.8), 0 when RTCEN is 0 or what RTCSEL says does not run.
    std::uint32_t rtc_hz(std::uint32_t lsi_hz) const;
    /// Clock of the USB block, 0 when the PLL is not ready. Says in the log when it comes from the
    /// HSI.
    std::uint32_t usb_hz();
    bool enabled(Gate gate, unsigned number) const;
    /// RCC_APBxRSTR holds the peripheral in reset.
    bool held_in_reset(Gate gate, unsigned number) const;
    /// The crystal stops (true) or runs again (false).
    void fail_crystal(bool failed);
    /// A frequency too high for the parts that it drives is a complaint (7.2, PM0075 2.3.1).
    void check_limits();

  private:
    static constexpr std::uint32_t hsi = 0, hse = 1, pll = 2;  ///< Codes of SW and SWS.
    static constexpr std::uint32_t factory_hsi_hz = 8'000'000;

    std::uint32_t source_hz(std::uint32_t source) const;
    static std::uint32_t prescaler(std::uint32_t code);
    void write_cr(std::uint32_t value);
    void write_cfgr(std::uint32_t value);
    void write_bdcr(std::uint32_t value);
    void start_pll();
    void switch_if_ready();
    void reset_peripherals(Gate gate, std::uint32_t bits);
    void change_clock(const std::function<void()>& change);
    void oscillator_ready(unsigned flag);
    void update_line();

    const Pwr& pwr_;
    const Flash& flash_;
    std::uint32_t hsi_hz() const;
    void start_hse();
    const BoardWiring wiring_;
    Alarm hsi_ready_, hse_ready_, pll_ready_, lsi_ready_, lse_ready_;
    InterruptLine line_;
};

}  // namespace sim::chip
