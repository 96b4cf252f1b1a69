// SPDX-License-Identifier: ISC
// RTC (RM0008 18): prescaler, counter and alarm on the LSE, the LSI or the HSE through 128, in the backup domain.
#pragma once

#include "sim/chip/peripheral.hpp"
#include "sim/chip/pwr.hpp"
#include "sim/chip/rcc.hpp"

namespace sim::chip {

struct RtcState {
    std::uint32_t prl = 0x8000, cnt = 0, alr = 0xffff'ffff;              ///< As the counter knows them.
    std::uint32_t new_prl = 0x8000, new_cnt = 0, new_alr = 0xffff'ffff;  ///< As written in configuration mode.
    bool cnt_written = false;
    std::uint32_t phase = 0;  ///< RTCCLK cycles of the running second, at `at`.
    Time at{};
    std::uint32_t crh = 0, flags = 0;  ///< SECF, ALRF, OWF.
    bool configuring = false;          ///< CNF
    Time write_done{};                 ///< RTOFF is 0 until then.
    Time synchronised = never;         ///< RSF is 1 from then; never: it was cleared and there is no clock.
};

class Rtc : public Peripheral {
  public:
    /// `alarm` is EXTI line 17.
    Rtc(Services& services, const Rcc& rcc, const Pwr& pwr, std::uint32_t lsi_hz, std::function<void()> alarm);
    State<RtcState> state;
    std::uint32_t read(std::uint32_t offset) override;
    void write(std::uint32_t offset, std::uint32_t value, std::uint32_t mask) override;
    void reset() override;
    void reset_backup_domain() override;
    void latch() override;
    void rearm() override;

  private:
    std::uint32_t hz() const { return rcc_.rtc_hz(lsi_hz_); }
    void write_crl(std::uint32_t value);
    void second();
    void update_line();
    const Rcc& rcc_;
    const Pwr& pwr_;
    const std::uint32_t lsi_hz_;
    const std::function<void()> alarm_;
    Alarm next_second_;
    InterruptLine line_;
};

}  // namespace sim::chip
