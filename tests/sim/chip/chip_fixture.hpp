// SPDX-License-Identifier: ISC
// A powered chip without a core: the test writes the registers itself and lets time pass.
#pragma once

#include <algorithm>

#include <gtest/gtest.h>

#include "sim/chip/chip.hpp"

namespace sim::chip {

inline constexpr std::uint32_t rcc = 0x4002'1000, rcc_cr = rcc, rcc_cfgr = rcc + 4, apb2enr = rcc + 0x18,
                               apb1enr = rcc + 0x1c, csr = rcc + 0x24, flash_acr = 0x4002'2000;

class ChipTest : public testing::Test {
  protected:
    explicit ChipTest(const BoardWiring& wiring = {}, const ChipVariant& variant = stm32f103c8)
        : chip_(variant, wiring, {}) {
        chip_.powered = true;
        chip_.system_reset(ResetCause::power_on);
    }
    std::uint32_t get(std::uint32_t address) { return chip_.read(address, 4); }
    void put(std::uint32_t address, std::uint32_t value) { chip_.write(address, 4, value); }
    void pass(Time span) {
        const Time until = chip_.services.now() + span;
        while (chip_.services.now() < until) {
            chip_.services.clock.skip_to(std::min(until, chip_.services.alarms.next()));
            chip_.run_alarms();
        }
    }
    std::uint64_t complaints() const { return chip_.services.complaint_count; }
    Chip chip_;
};

}  // namespace sim::chip
