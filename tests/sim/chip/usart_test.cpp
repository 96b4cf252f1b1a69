// SPDX-License-Identifier: ISC
// USART1 to USART3, both ways (RM0008 27).
#include "tests/sim/chip/chip_fixture.hpp"

namespace sim::chip {
namespace {

constexpr std::uint32_t usart1_base = 0x4001'3800, sr = usart1_base, dr = usart1_base + 4, brr = usart1_base + 8,
                        cr1 = usart1_base + 0xc, cr3 = usart1_base + 0x14, gpioa_crh = 0x4001'0804, dma1 = 0x4002'0000;
constexpr std::uint32_t re = 4, te = 8, idleie = bit(4), rxneie = bit(5), odd = bit(9), pce = bit(10),
                        nine_bits = bit(12), ue = bit(13);
constexpr std::uint32_t pe = 1, fe = 2, ore = 8, idle = bit(4), rxne = bit(5);
constexpr Time us{1'000'000};

struct UsartTest : ChipTest {
    UsartTest() {
        put(apb2enr, bit(2) | bit(14));
        put(gpioa_crh, 0x4444'44b4);
        put(brr, 69);  // 8 MHz / 69 = 115942 Bd
        chip_.usart_sent = [this](int number, std::uint8_t byte) {
            EXPECT_EQ(number, 1);
            sent.push_back(byte);
        };
    }
    /// A frame of 8N1, or with this ninth bit.
    void hear(std::uint8_t byte, std::uint32_t baud = 115'200, bool ninth = true) {
        const std::uint32_t rest = ninth ? 0xffff'fe00 : 0xffff'fc00;
        chip_.usarts.front()->hear(rest | static_cast<std::uint32_t>(byte << 1), time_of(1, baud));
    }
    std::vector<std::uint8_t> sent;
};

TEST_F(UsartTest, ReceivesAByteWhenItHasPassed) {  // 27.3.3
    put(cr1, ue | re | rxneie);
    hear(0xa5);
    pass(80 * us);
    EXPECT_EQ(get(sr) & rxne, 0u);
    pass(5 * us);
    EXPECT_EQ(get(sr) & 0x3f, rxne);
    EXPECT_TRUE(chip_.exceptions.state.pending[first_irq + 37]);
    EXPECT_EQ(get(dr), 0xa5u);
    EXPECT_EQ(get(sr) & rxne, 0u);
    EXPECT_EQ(complaints(), 0u);
}

TEST_F(UsartTest, TellsHowFarItIsWithSending) {  // 27.6.1: TXE and TC, and nothing else
    constexpr std::uint32_t tc = bit(6), txe = bit(7);
    put(cr1, ue | te);
    EXPECT_EQ(get(sr), txe | tc);
    pass(100 * us);  // the idle frame that comes first
    put(dr, 'a');
    EXPECT_EQ(get(sr), txe) << "it is on its way";
    put(dr, 'b');
    EXPECT_EQ(get(sr), 0u) << "another one waits";
    pass(90 * us);
    EXPECT_EQ(get(sr), txe);
    pass(90 * us);
    EXPECT_EQ(get(sr), txe | tc);
    EXPECT_EQ(sent, (std::vector<std::uint8_t>{'a', 'b'}));
}

TEST_F(UsartTest, IsDeafWithoutReAndThroughADrivenPin) {
    put(cr1, ue);
    hear(1);
    put(cr1, ue | re);
    put(gpioa_crh, 0x4444'43b4);
    hear(1);
    pass(200 * us);
    EXPECT_EQ(get(sr) & rxne, 0u);
}

TEST_F(UsartTest, KeepsTheFirstByteOfAnOverrun) {  // 27.6.1
    put(cr1, ue | re);
    hear(1);
    pass(90 * us);
    hear(2);
    pass(90 * us);
    EXPECT_EQ(get(sr) & (rxne | ore), rxne | ore);
    EXPECT_EQ(get(dr), 1u);
    EXPECT_EQ(get(sr) & (rxne | ore), 0u) << "SR, then DR";
}

TEST_F(UsartTest, NoticesAnIdleLine) {
    put(cr1, ue | re | idleie);
    hear(1);
    pass(90 * us);
    EXPECT_EQ(get(sr) & idle, 0u);
    pass(90 * us);
    EXPECT_EQ(get(sr) & idle, idle);
    get(dr);
    EXPECT_EQ(get(sr) & idle, 0u);
}

TEST_F(UsartTest, ChecksParity) {  // 27.3.7
    put(cr1, ue | re | nine_bits | pce);
    hear(0x01, 115'200, true);
    pass(100 * us);
    EXPECT_EQ(get(sr) & (rxne | pe), rxne);
    get(dr);
    put(cr1, ue | re | nine_bits | pce | odd);
    hear(0x01, 115'200, true);
    pass(100 * us);
    EXPECT_EQ(get(sr) & (rxne | pe), rxne | pe);
}

TEST_F(UsartTest, UnderstandsNothingAtTheWrongRate) {
    put(cr1, ue | re);
    hear(0x00, 57'600);
    pass(200 * us);
    EXPECT_EQ(get(sr) & fe, fe) << "its stop bit falls into a data bit";
    get(dr);
    hear(0x55, 112'000);
    pass(200 * us);
    EXPECT_EQ(get(sr) & (fe | rxne), rxne) << "3 % are within what a receiver stands (27.3.5)";
    EXPECT_EQ(get(dr), 0x55u);
}

TEST_F(UsartTest, LosesAByteThatIsWrittenBeforeTxe) {  // 27.3.2
    put(cr1, ue | te);
    for (const std::uint32_t byte : {1u, 2u, 3u})
        put(dr, byte);
    pass(300 * us);
    EXPECT_EQ(sent, (std::vector<std::uint8_t>{1, 3}));
    EXPECT_EQ(complaints(), 1u);
}

TEST_F(UsartTest, SendsAndReceivesByDma) {  // 27.3.13, table 78
    put(rcc + 0x14, 0x15);
    for (std::uint8_t at = 0; at < 5; ++at)
        chip_.ram[at] = static_cast<std::uint8_t>('a' + at);
    constexpr std::uint32_t channel4 = dma1 + 0x44, channel5 = dma1 + 0x58;
    put(channel4 + 4, 5);
    put(channel4 + 8, dr);
    put(channel4 + 12, ram_base);
    put(channel4, 1 | bit(4) | bit(7));
    put(channel5 + 4, 2);
    put(channel5 + 8, dr);
    put(channel5 + 12, ram_base + 0x100);
    put(channel5, 1 | bit(7));
    put(cr3, bit(6) | bit(7));
    put(cr1, ue | te | re);
    hear('x');
    pass(100 * us);
    hear('y');
    pass(600 * us);
    EXPECT_EQ(sent, (std::vector<std::uint8_t>{'a', 'b', 'c', 'd', 'e'}));
    EXPECT_EQ(chip_.ram[0x100], 'x');
    EXPECT_EQ(chip_.ram[0x101], 'y');
    EXPECT_EQ(complaints(), 0u);
}

TEST_F(UsartTest, TheThirdHasItsPinsAndItsRemap) {  // 9.3.8
    std::vector<int> numbers;
    chip_.usart_sent = [&](int number, std::uint8_t) { numbers.push_back(number); };
    constexpr std::uint32_t usart3_base = 0x4000'4800, gpioc_crh = 0x4001'1004, mapr = 0x4001'0004;
    put(apb2enr, bit(0) | bit(3) | bit(4));
    put(apb1enr, bit(18));
    put(usart3_base + 8, 69);
    put(usart3_base + 0xc, ue | te);
    put(gpioc_crh, 0x4444'4b44);  // PC10
    put(usart3_base + 4, 'n');
    pass(100 * us);
    EXPECT_TRUE(numbers.empty()) << "PB10 is an input";
    put(mapr, 1u << 4);
    put(usart3_base + 4, 'y');
    pass(100 * us);
    EXPECT_EQ(numbers, std::vector<int>{3});
}

TEST_F(UsartTest, RefusesHalfDuplex) {
    put(cr3, bit(3));
    EXPECT_NE(chip_.services.refused.find("USART1: half-duplex"), std::string::npos);
}

}  // namespace
}  // namespace sim::chip
