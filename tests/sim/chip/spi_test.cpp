// SPDX-License-Identifier: ISC
// SPI1 and SPI2 (RM0008 25).
#include "tests/sim/chip/chip_fixture.hpp"

namespace sim::chip {
namespace {

constexpr std::uint32_t spi1_base = 0x4001'3000, cr1 = spi1_base, cr2 = spi1_base + 4, sr = spi1_base + 8,
                        dr = spi1_base + 0xc, gpioa_crl = 0x4001'0800, dma1 = 0x4002'0000;
constexpr std::uint32_t master = bit(2), spe = bit(6), ssi = bit(8), ssm = bit(9), dff = bit(11);
constexpr std::uint32_t rxne = 1, txe = 2, modf = bit(5), ovr = bit(6), bsy = bit(7);
constexpr Time us{1'000'000};

struct SpiTest : ChipTest {
    SpiTest() {
        put(apb2enr, bit(2) | bit(12));
        put(gpioa_crl, 0xb4b4'4444);  // SCK and MOSI alternate, MISO an input
        chip_.spis.front()->device = [this](std::uint16_t value, unsigned bits) {
            sent.push_back(value);
            widths.push_back(bits);
            return static_cast<std::uint16_t>(~value);
        };
    }
    std::vector<std::uint16_t> sent;
    std::vector<unsigned> widths;
};

TEST_F(SpiTest, ExchangesABytePerShift) {  // 25.3.3
    put(cr1, master | ssm | ssi | spe);    // 4 MHz
    EXPECT_EQ(get(sr), txe);
    put(dr, 0x35);
    EXPECT_EQ(get(sr), txe | bsy) << "at once in the shift register";
    pass(Time{1'700'000});
    EXPECT_EQ(get(sr) & rxne, 0u);
    pass(Time{500'000});
    EXPECT_EQ(get(sr), txe | rxne);
    EXPECT_EQ(get(dr), 0xcau);
    EXPECT_EQ(sent, std::vector<std::uint16_t>{0x35});
    EXPECT_EQ(complaints(), 0u);
}

TEST_F(SpiTest, HasSixteenBitsWithDff) {
    put(cr1, master | ssm | ssi | dff);
    put(cr1, master | ssm | ssi | dff | spe);
    put(dr, 0x1234);
    pass(5 * us);
    EXPECT_EQ(get(dr), 0xedcbu);
    EXPECT_EQ(widths, std::vector<unsigned>{16});
}

TEST_F(SpiTest, KeepsTheFirstByteOfAnOverrun) {  // 25.3.10
    put(cr1, master | ssm | ssi | spe);
    put(dr, 1);
    put(dr, 2);
    pass(10 * us);
    EXPECT_EQ(get(sr), txe | rxne | ovr);
    EXPECT_EQ(get(dr), 0xfeu);
    EXPECT_EQ(get(sr), txe | ovr) << "DR, then SR";
    EXPECT_EQ(get(sr), txe);
}

TEST_F(SpiTest, LosesWhatIsWrittenBeforeTxe) {  // 25.3.7
    put(cr1, master | ssm | ssi | spe);
    put(dr, 1);
    put(dr, 2);
    put(dr, 3);
    pass(10 * us);
    EXPECT_EQ(sent, (std::vector<std::uint16_t>{1, 3}));
    EXPECT_EQ(complaints(), 1u);
}

TEST_F(SpiTest, GivesUpWithNssLow) {  // 25.3.10
    put(cr1, master | ssm | spe);
    EXPECT_EQ(get(sr) & modf, modf);
    EXPECT_EQ(get(cr1) & (master | spe), 0u);
    put(cr1, master | ssm | ssi | spe);  // SR was read: this write clears MODF
    EXPECT_EQ(get(sr) & modf, 0u);
    EXPECT_EQ(get(cr1) & (master | spe), master | spe);
}

TEST_F(SpiTest, LooksAtThePinWithoutSsm) {
    chip_.gpio.drive({'A', 4}, Level::high);
    put(cr1, master | spe);
    EXPECT_EQ(get(sr) & modf, 0u);
    chip_.gpio.drive({'A', 4}, Level::low);
    EXPECT_EQ(get(sr) & modf, modf);
}

TEST_F(SpiTest, SendsNothingThroughPlainPins) {  // 9.1.9
    put(gpioa_crl, 0x3434'4444);
    put(cr1, master | ssm | ssi | spe);
    put(dr, 0x55);
    pass(5 * us);
    EXPECT_TRUE(sent.empty());
    EXPECT_EQ(complaints(), 1u);
    EXPECT_EQ(get(dr), 0u) << "MISO is low";
}

TEST_F(SpiTest, IsTooFastAbove18Mhz) {  // 25.1
    put(flash_acr, 0x12);
    put(rcc_cfgr, 0x0038'0400);  // HSI / 2 * 16
    put(rcc_cr, 0x0100'0083);
    pass(300 * us);
    put(rcc_cfgr, 0x0038'0402);
    put(cr1, master | ssm | ssi | spe);
    put(dr, 1);
    EXPECT_EQ(complaints(), 1u) << "32 MHz";
}

TEST_F(SpiTest, ExchangesABlockByDma) {  // 25.3.9, table 78
    put(rcc + 0x14, 0x15);
    for (std::uint8_t at = 0; at < 16; ++at)
        chip_.ram[at] = at;
    put(dma1 + 0x1c + 4, 16);  // channel 2: received
    put(dma1 + 0x1c + 8, dr);
    put(dma1 + 0x1c + 12, ram_base + 0x100);
    put(dma1 + 0x1c, 1 | bit(7));
    put(dma1 + 0x30 + 4, 16);  // channel 3: sent
    put(dma1 + 0x30 + 8, dr);
    put(dma1 + 0x30 + 12, ram_base);
    put(dma1 + 0x30, 1 | bit(7) | bit(4));
    put(cr2, 3);
    put(cr1, master | ssm | ssi | spe);
    pass(100 * us);
    for (std::uint8_t at = 0; at < 16; ++at)
        EXPECT_EQ(chip_.ram[0x100U + at], static_cast<std::uint8_t>(~at));
    EXPECT_EQ(complaints(), 0u);
}

TEST_F(SpiTest, RefusesCrc) {
    put(cr1, master | ssm | ssi | bit(13));
    EXPECT_NE(chip_.services.refused.find("SPI1: CRC"), std::string::npos);
}

}  // namespace
}  // namespace sim::chip
