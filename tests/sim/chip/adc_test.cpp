// SPDX-License-Identifier: ISC
// ADC1 and ADC2 (RM0008 11).
#include "tests/sim/chip/chip_fixture.hpp"

namespace sim::chip {
namespace {

constexpr std::uint32_t adc1 = 0x4001'2400, adc2 = 0x4001'2800, gpioa_crl = 0x4001'0800, dma1 = 0x4002'0000;
constexpr std::uint32_t sr = 0, cr1 = 4, cr2 = 8, smpr2 = 0x10, htr = 0x24, ltr = 0x28, sqr1 = 0x2c, sqr3 = 0x34,
                        jsqr = 0x38, jdr1 = 0x3c, dr = 0x4c;
constexpr std::uint32_t adon = 1, cont = 2, cal = 4, swstart = bit(22) | bit(20) | 7u << 17, sensors = bit(23);
constexpr Time us{1'000'000};

struct AdcTest : ChipTest {
    AdcTest() {
        put(apb2enr, bit(2) | bit(3) | bit(9) | bit(10));
        put(gpioa_crl, 0x4444'4400);  // PA0, PA1 analog
    }
    void set_volts(Pin pin, double volts) {
        chip_.voltages.at[static_cast<std::size_t>(pin.port - 'A')][pin.number] = static_cast<float>(volts);
    }
    void switch_on(std::uint32_t adc) {
        put(adc + cr2, adon);
        pass(2 * us);
        put(adc + cr2, adon | cal);
        pass(100 * us);
    }
    std::uint32_t convert(std::uint32_t adc, std::uint32_t channel) {
        put(adc + sqr3, channel);
        put(adc + cr2, (get(adc + cr2) & sensors) | adon | swstart);
        pass(100 * us);
        EXPECT_EQ(get(adc + sr) & 2, 2u);
        return get(adc + dr);
    }
};

TEST_F(AdcTest, ConvertsVoltages) {
    switch_on(adc1);
    EXPECT_EQ(get(adc1 + cr2) & cal, 0u) << "11.4: cleared when it is done";
    set_volts({'A', 1}, 1.65);
    EXPECT_NEAR(convert(adc1, 1), 2048, 1);
    set_volts({'A', 1}, 3.3);
    EXPECT_EQ(convert(adc1, 1), 4095u);
    set_volts({'A', 1}, 5);
    EXPECT_EQ(convert(adc1, 1), 4095u);
    EXPECT_EQ(get(adc1 + sr) & 2, 0u) << "11.12.1: reading DR clears EOC";
    EXPECT_EQ(complaints(), 0u);
}

TEST_F(AdcTest, TakesItsTime) {  // 11.6: 12.5 cycles and the sampling time
    switch_on(adc1);
    put(adc1 + smpr2, 7);  // 239.5 cycles of 4 MHz
    put(adc1 + cr2, adon | swstart);
    pass(Time{62'700'000});
    EXPECT_EQ(get(adc1 + sr) & 2, 0u);
    pass(Time{500'000});
    EXPECT_EQ(get(adc1 + sr) & 2, 2u);
}

TEST_F(AdcTest, IsInexactWithoutCalibration) {  // 11.4
    put(adc1 + cr2, adon);
    pass(2 * us);
    set_volts({'A', 0}, 1.65);
    EXPECT_NEAR(convert(adc1, 0), 2052, 1);
}

TEST_F(AdcTest, StartsNothingInTheWriteThatSwitchesItOn) {  // 11.3.1
    put(adc1 + cr2, adon | swstart);
    pass(100 * us);
    EXPECT_EQ(get(adc1 + sr), 0u);
    put(adc1 + cr2, get(adc1 + cr2));  // 11.12.3: ADON once more
    pass(100 * us);
    EXPECT_EQ(get(adc1 + sr) & 2, 2u);
}

TEST_F(AdcTest, WantsItsClockWithin14Mhz) {  // DS5319 5.3.18
    put(rcc_cfgr, 0);                        // PCLK2 8 MHz by 2
    switch_on(adc1);
    convert(adc1, 0);
    EXPECT_EQ(complaints(), 0u);
    put(flash_acr, 0x12);
    put(rcc_cfgr, 0x0028'0400);  // HSI / 2 * 12
    put(rcc_cr, 0x0100'0083);
    pass(300 * us);
    put(rcc_cfgr, 0x0028'0402);
    convert(adc1, 0);
    EXPECT_EQ(complaints(), 1u) << "24 MHz";
}

TEST_F(AdcTest, ComplainsOfADigitalPin) {  // 9.1.11
    switch_on(adc1);
    convert(adc1, 5);
    EXPECT_EQ(complaints(), 1u);
}

TEST_F(AdcTest, KnowsItsReferenceAndTemperature) {  // 11.10
    switch_on(adc1);
    put(adc1 + 0xc, 7u << 18 | 7u << 21);
    put(adc1 + cr2, adon | sensors);
    EXPECT_NEAR(convert(adc1, 17), 1489, 1) << "1.20 V";
    EXPECT_NEAR(convert(adc1, 16), 1775, 1) << "1.43 V at 25 degrees";
    EXPECT_EQ(complaints(), 0u);
    switch_on(adc2);
    EXPECT_EQ(convert(adc2, 17), 0u);
    EXPECT_NE(complaints(), 0u) << "ADC1 alone has it";
}

TEST_F(AdcTest, WatchesAVoltage) {  // 11.3.7
    switch_on(adc1);
    put(adc1 + htr, 3000);
    put(adc1 + ltr, 1000);
    put(adc1 + cr1, bit(23) | bit(9));
    set_volts({'A', 0}, 1.65);
    convert(adc1, 0);
    EXPECT_EQ(get(adc1 + sr) & 1, 0u);
    set_volts({'A', 0}, 3.0);
    convert(adc1, 0);
    EXPECT_EQ(get(adc1 + sr) & 1, 1u);
}

TEST_F(AdcTest, AlignsToTheLeft) {  // 11.5
    switch_on(adc1);
    set_volts({'A', 0}, 3.3);
    put(adc1 + sqr3, 0);
    put(adc1 + cr2, adon | bit(11) | swstart);
    pass(100 * us);
    EXPECT_EQ(get(adc1 + dr), 0xfff0u);
}

TEST_F(AdcTest, ConvertsAnInjectedGroup) {  // 11.12.12: a sequence of two begins at JSQ3
    switch_on(adc1);
    set_volts({'A', 0}, 3.3);
    set_volts({'A', 1}, 1.65);
    put(adc1 + cr1, bit(8));
    put(adc1 + jsqr, 1u << 20 | 1u << 15 | 0u << 10);
    put(adc1 + cr2, adon | bit(15) | 7u << 12 | bit(21));
    pass(100 * us);
    EXPECT_EQ(get(adc1 + sr) & 4, 4u);
    EXPECT_EQ(get(adc1 + jdr1), 4095u);
    EXPECT_NEAR(get(adc1 + jdr1 + 4), 2048, 1);
}

TEST_F(AdcTest, FillsMemoryByDmaAgainAndAgain) {  // 11.8, 13.3
    switch_on(adc1);
    set_volts({'A', 0}, 3.3);
    set_volts({'A', 1}, 1.65);
    put(rcc + 0x14, 0x15);  // DMA1
    put(dma1 + 0x10, adc1 + dr);
    put(dma1 + 0x14, ram_base);
    put(dma1 + 0xc, 4);
    put(dma1 + 8, 1 | bit(5) | bit(7) | 1u << 8 | 1u << 10);  // circular, memory moves on, half-words
    put(adc1 + sqr1, 1u << 20);
    put(adc1 + sqr3, 0 | 1u << 5);
    put(adc1 + cr1, bit(8));
    put(adc1 + cr2, adon | cont | bit(8) | swstart);
    pass(1000 * us);
    const auto half = [&](std::size_t at) { return chip_.ram[2 * at] | chip_.ram[2 * at + 1] << 8; };
    EXPECT_EQ(half(0), 4095);
    EXPECT_NEAR(half(1), 2048, 1);
    EXPECT_EQ(half(2), 4095);
    EXPECT_NEAR(half(3), 2048, 1);
    EXPECT_EQ(get(dma1) & 7, 7u) << "half and whole";
    set_volts({'A', 0}, 0);
    pass(100 * us);
    EXPECT_EQ(half(0), 0);
}

TEST_F(AdcTest, RefusesWhatItDoesNotHave) {
    switch_on(adc1);
    put(adc1 + cr2, adon | bit(20) | 4u << 17);
    EXPECT_NE(chip_.services.refused.find("ADC1_CR2: a trigger by a timer"), std::string::npos);
}

}  // namespace
}  // namespace sim::chip
