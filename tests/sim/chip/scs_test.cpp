// SPDX-License-Identifier: ISC
// Registers of the NVIC and the system control block (PM0056 sections 4.3 and 4.4).
#include "tests/sim/chip/chip_fixture.hpp"

namespace sim::chip {
namespace {

constexpr std::uint32_t nvic = 0xe000'e100, iser = nvic, icer = nvic + 0x80, ispr = nvic + 0x100, icpr = nvic + 0x180,
                        iabr = nvic + 0x200, ipr = nvic + 0x300, stir = 0xe000'ef00;
constexpr std::uint32_t scb = 0xe000'ed00, icsr = scb + 4, vtor = scb + 8, aircr = scb + 0xc, shpr1 = scb + 0x18,
                        shpr2 = scb + 0x1c, shpr3 = scb + 0x20, shcsr = scb + 0x24;
constexpr std::uint32_t vectkey = 0x05fa'0000;

class ScsTest : public ChipTest {
  protected:
    ScsTest() {
        chip_.exceptions.ipsr = [] { return 0u; };  // no core, so no handler runs
    }
    std::uint8_t priority(int exception) {
        return chip_.exceptions.state.priority[static_cast<std::size_t>(exception)];
    }
};

TEST_F(ScsTest, SystemHandlersHaveFourBitsOfPriority) {  // SHPR1 to SHPR3
    put(shpr1, 0xffff'ffff);
    put(shpr2, 0xffff'ffff);
    put(shpr3, 0xffff'ffff);
    EXPECT_EQ(get(shpr1), 0x00f0'f0f0u) << "usage, bus and memory management fault";
    EXPECT_EQ(get(shpr2), 0xf000'0000u) << "SVCall";
    EXPECT_EQ(get(shpr3), 0xf0f0'00f0u) << "SysTick, PendSV, debug monitor";
    put(shpr1, 0x0030'2010);
    put(shpr2, 0x4000'0000);
    put(shpr3, 0x6050'0000);
    EXPECT_EQ(priority(mem_manage), 0x10);
    EXPECT_EQ(priority(bus_fault), 0x20);
    EXPECT_EQ(priority(usage_fault), 0x30);
    EXPECT_EQ(priority(sv_call), 0x40);
    EXPECT_EQ(priority(pend_sv), 0x50);
    EXPECT_EQ(priority(systick_exception), 0x60);
    chip_.write(shpr3 + 2, 1, 0x7f);  // a byte alone
    EXPECT_EQ(get(shpr3), 0x6070'0000u);
}

TEST_F(ScsTest, InterruptsHaveABitEachInFiveRegisters) {  // ISER to IABR, and STIR
    for (const std::uint32_t number : {0u, 31u, 32u, 59u}) {
        SCOPED_TRACE(number);
        const std::uint32_t at = number / 32 * 4, mask = bit(number % 32);
        put(iser + at, mask);
        put(iser + at, 0);
        EXPECT_EQ(get(iser + at), mask) << "a zero takes nothing away";
        EXPECT_EQ(get(icer + at), mask);
        EXPECT_EQ(get(iser + (at ^ 4)), 0u) << "and no other";
        put(ispr + at, mask);
        EXPECT_EQ(get(ispr + at), mask);
        EXPECT_EQ(get(icpr + at), mask);
        EXPECT_EQ(get(iabr + at), 0u);
        EXPECT_EQ(get(icsr) >> 12 & 0x3ff, 16 + number) << "VECTPENDING";
        EXPECT_NE(get(icsr) & bit(22), 0u) << "ISRPENDING";
        put(icpr + at, mask);
        EXPECT_EQ(get(ispr + at), 0u);
        EXPECT_EQ(get(icsr) & 0x7f'f000, 0u);
        put(stir, number);
        EXPECT_EQ(get(ispr + at), mask) << "by software";
        put(icpr + at, 0xffff'ffff);
        put(icer + at, 0xffff'ffff);
        EXPECT_EQ(get(iser + at), 0u);
    }
    put(iser + 4, 0xffff'ffff);
    EXPECT_EQ(get(iser + 4), 0x0fff'ffffu) << "there are 60";
    const auto active = chip_.exceptions.state.active;  // what lies behind the bits that are pended
    put(stir, 60);
    EXPECT_EQ(get(ispr + 4), 0u);
    EXPECT_EQ(chip_.exceptions.state.active, active);
}

TEST_F(ScsTest, InterruptsHaveFourBitsOfPriority) {  // IPR
    put(ipr, 0x4321'ff08);
    EXPECT_EQ(get(ipr), 0x4020'f000u);
    put(ipr + 56, 0xffff'ffff);
    EXPECT_EQ(get(ipr + 56), 0xf0f0'f0f0u) << "interrupts 56 to 59";
    put(ipr + 60, 0xffff'ffff);
    EXPECT_EQ(get(ipr + 60), 0u) << "there are no more";
    EXPECT_EQ(priority(first_irq + 59), 0xf0);
}

TEST_F(ScsTest, AircrWantsItsKey) {
    put(aircr, vectkey | 5 << 8);
    EXPECT_EQ(get(aircr), 0xfa05'0500u);
    put(aircr, 0x05fb'0000);
    EXPECT_EQ(get(aircr), 0xfa05'0500u);
    EXPECT_FALSE(chip_.services.reset_requested);
    put(aircr, vectkey | bit(2));
    EXPECT_TRUE(chip_.services.reset_requested);
}

TEST_F(ScsTest, FaultsAreEnabledOneByOne) {  // SHCSR
    for (const auto& [number, enabled] : {std::pair{16u, mem_manage}, {17u, bus_fault}, {18u, usage_fault}}) {
        put(shcsr, bit(number));
        EXPECT_EQ(get(shcsr), bit(number));
        EXPECT_TRUE(chip_.exceptions.state.enabled[static_cast<std::size_t>(enabled)]);
    }
    put(shcsr, 0);
    EXPECT_EQ(get(shcsr), 0u);
}

TEST_F(ScsTest, WhatIsPendedIsTold) {  // ICSR
    put(icsr, bit(28));
    EXPECT_EQ(get(icsr) & 0x3ff'f000, 14u << 12);
    EXPECT_NE(get(icsr) & bit(28), 0u);
    put(icsr, bit(27));
    EXPECT_EQ(get(icsr), bit(11)) << "RETTOBASE alone";
    put(icsr, bit(26));
    EXPECT_NE(get(icsr) & bit(26), 0u);
    put(icsr, bit(25));
    EXPECT_EQ(get(icsr), bit(11)) << "RETTOBASE alone";
}

TEST_F(ScsTest, VtorIsAligned) {
    put(vtor, 0x2000'0080);
    EXPECT_EQ(get(vtor), 0x2000'0080u);
    EXPECT_EQ(complaints(), 0u);
    put(vtor, 0x2000'0040);
    EXPECT_EQ(complaints(), 1u);
    put(vtor, 0x8000'0000);  // neither code nor SRAM
    EXPECT_EQ(complaints(), 2u);
}

}  // namespace
}  // namespace sim::chip
