// SPDX-License-Identifier: ISC
// I2C1 as a master of a 24C02 (RM0008 26).
#include "sim/chip/i2c.hpp"

#include "sim/board/eeprom.hpp"
#include "tests/sim/chip/chip_fixture.hpp"

namespace sim::chip {
namespace {

constexpr std::uint32_t i2c = 0x4000'5400, cr1 = i2c, cr2 = i2c + 4, dr = i2c + 0x10, sr1 = i2c + 0x14,
                        sr2 = i2c + 0x18, ccr = i2c + 0x1c, trise = i2c + 0x20, gpiob_crl = 0x4001'0c00;
constexpr std::uint32_t pe = 1, start = bit(8), stop = bit(9), ack = bit(10);
constexpr std::uint32_t sb = 1, addr = 2, btf = 4, rxne = bit(6), txe = bit(7), af = bit(10);
constexpr Time us{1'000'000};

struct I2cTest : ChipTest {
    I2cTest() {
        put(apb2enr, bit(3));
        put(apb1enr, bit(21));
        put(gpiob_crl, 0xdd44'4444);
        put(cr2, 8);
        put(ccr, 40);  // 100 kHz
        put(trise, 9);
        put(cr1, pe);
    }
    I2c& block() {
        for (Peripheral* const peripheral : chip_.services.peripherals)
            if (auto* const found = dynamic_cast<I2c*>(peripheral); found != nullptr && found->kind().number == 1)
                return *found;
        throw std::logic_error("no I2C1");
    }
    Eeprom& connect() {
        const auto eeprom = std::make_shared<Eeprom>(std::uint8_t{0x50});
        block().bus = eeprom;
        return *eeprom;
    }
    bool wait_for(std::uint32_t flag) {
        for (int round = 0; round < 100; ++round) {
            if ((get(sr1) & flag) != 0) return true;
            pass(5 * us);
        }
        return false;
    }
    /// START and address; true when it is acknowledged.
    bool begin(std::uint8_t address) {
        put(cr1, get(cr1) | start);
        EXPECT_TRUE(wait_for(sb));
        put(dr, address);
        EXPECT_TRUE(wait_for(addr | af));
        return (get(sr1) & addr) != 0;
    }
    void send(std::uint8_t byte) {
        EXPECT_TRUE(wait_for(txe));
        put(dr, byte);
    }
    void end() {
        put(cr1, get(cr1) | stop);
        pass(20 * us);
    }
};

TEST_F(I2cTest, WritesAndReadsAnEeprom) {  // 26.3.3
    Eeprom& eeprom = connect();
    ASSERT_TRUE(begin(0xa0));
    get(sr2);
    for (const std::uint8_t byte : std::array<std::uint8_t, 3>{0x10, 0xaa, 0xbb})
        send(byte);
    EXPECT_TRUE(wait_for(btf));
    end();
    EXPECT_EQ(get(sr2) & 3, 0u);
    EXPECT_EQ(eeprom.content[0x10], 0xaa);
    EXPECT_EQ(eeprom.content[0x11], 0xbb);

    pass(6000 * us);
    ASSERT_TRUE(begin(0xa0));
    get(sr2);
    send(0x10);
    EXPECT_TRUE(wait_for(btf));
    put(cr1, get(cr1) | ack);
    ASSERT_TRUE(begin(0xa1)) << "a repeated START";
    get(sr2);
    EXPECT_TRUE(wait_for(rxne));
    put(cr1, (get(cr1) & ~ack) | stop);  // the last byte gets no ACK
    EXPECT_EQ(get(dr), 0xaau);
    EXPECT_TRUE(wait_for(rxne));
    EXPECT_EQ(get(dr), 0xbbu);
    pass(100 * us);
    EXPECT_EQ(get(sr1) & rxne, 0u);
    EXPECT_EQ(get(sr2) & 3, 0u) << "STOP has passed";
    EXPECT_EQ(complaints(), 0u);
}

TEST_F(I2cTest, NobodyAnswersAtAnotherAddress) {
    connect();
    EXPECT_FALSE(begin(0x90));
    EXPECT_EQ(get(sr1) & af, af);
    put(sr1, 0);
    EXPECT_EQ(get(sr1) & af, 0u) << "26.6.6: cleared by a zero";
    end();
    EXPECT_EQ(get(sr2) & 3, 0u);
}

TEST_F(I2cTest, AnEepromThatWritesIsDeaf) {
    connect();
    ASSERT_TRUE(begin(0xa0));
    get(sr2);
    send(0);
    send(1);
    EXPECT_TRUE(wait_for(btf));
    end();
    EXPECT_FALSE(begin(0xa0));
    put(sr1, 0);
    end();
    pass(6000 * us);
    EXPECT_TRUE(begin(0xa0));
}

TEST_F(I2cTest, TakesItsTime) {  // 26.6.8: 9 bits of 10 us
    connect();
    put(cr1, get(cr1) | start);
    pass(12 * us);
    EXPECT_EQ(get(sr1) & sb, sb);
    put(dr, 0xa0);
    pass(85 * us);
    EXPECT_EQ(get(sr1) & addr, 0u);
    pass(10 * us);
    EXPECT_EQ(get(sr1) & addr, addr);
}

TEST_F(I2cTest, IsBusyForEverWithoutPullUps) {
    put(cr1, pe | start);
    pass(1000 * us);
    EXPECT_EQ(get(sr1) & sb, 0u);
    EXPECT_EQ(get(sr2) & 2, 2u);
}

TEST_F(I2cTest, WantsOpenDrains) {  // 9.1.9
    connect();
    put(gpiob_crl, 0x9944'4444);
    put(cr1, pe | start);
    pass(1000 * us);
    EXPECT_EQ(get(sr1) & sb, 0u);
    EXPECT_NE(complaints(), 0u);
}

TEST_F(I2cTest, WantsToKnowItsClock) {  // 26.6.2
    connect();
    put(cr2, 36);
    put(cr1, pe | start);
    EXPECT_EQ(complaints(), 1u);
}

TEST_F(I2cTest, RefusesDma) {
    put(cr2, 8 | bit(11));
    EXPECT_NE(chip_.services.refused.find("I2C1_CR2: DMA"), std::string::npos);
}

}  // namespace
}  // namespace sim::chip
