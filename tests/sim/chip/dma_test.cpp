// SPDX-License-Identifier: ISC
// DMA1 (RM0008 13).
#include "tests/sim/chip/chip_fixture.hpp"

namespace sim::chip {
namespace {

constexpr std::uint32_t dma1 = 0x4002'0000, isr = dma1, ifcr = dma1 + 4;
constexpr std::uint32_t en = 1, tcie = 2, teie = 8, from_memory = bit(4), pinc = bit(6), minc = bit(7),
                        mem2mem = bit(14);
constexpr Time us{1'000'000};

struct DmaTest : ChipTest {
    DmaTest() { put(rcc + 0x14, 0x15); }
    static std::uint32_t ccr(unsigned channel) { return dma1 + 8 + 20 * (channel - 1); }
    void set_up(unsigned channel, std::uint32_t control, std::uint32_t count, std::uint32_t peripheral,
                std::uint32_t memory) {
        put(ccr(channel) + 4, count);
        put(ccr(channel) + 8, peripheral);
        put(ccr(channel) + 12, memory);
        put(ccr(channel), control);
    }
    void fill(std::uint32_t at, std::initializer_list<std::uint8_t> bytes) {
        std::copy(bytes.begin(), bytes.end(), chip_.ram.begin() + at);
    }
};

TEST_F(DmaTest, CopiesMemory) {  // 13.3.3
    fill(0, {1, 2, 3, 4, 5, 6, 7, 8});
    set_up(1, en | mem2mem | pinc | minc | tcie, 8, ram_base, ram_base + 0x100);
    pass(20 * us);
    EXPECT_TRUE(std::equal(chip_.ram.begin(), chip_.ram.begin() + 8, chip_.ram.begin() + 0x100));
    EXPECT_EQ(get(ccr(1) + 4), 0u);
    EXPECT_EQ(get(isr) & 0xf, 7u);
    EXPECT_TRUE(chip_.exceptions.state.pending[first_irq + 11]);
    put(ifcr, 1);  // 13.4.2: CGIF clears all of the channel
    EXPECT_EQ(get(isr), 0u);
}

TEST_F(DmaTest, TakesTime) {
    set_up(1, en | mem2mem | pinc | minc, 100, ram_base, ram_base + 0x100);
    EXPECT_EQ(get(ccr(1) + 4), 100u);
    pass(30 * us);
    const std::uint32_t left = get(ccr(1) + 4);
    EXPECT_GT(left, 0u);
    EXPECT_LT(left, 100u);
}

TEST_F(DmaTest, FitsSizes) {  // table 77
    fill(0, {0x12, 0x34, 0x56, 0x78});
    set_up(1, en | mem2mem | pinc | minc | 2u << 8, 1, ram_base, ram_base + 0x100);   // word to byte
    set_up(2, en | mem2mem | pinc | minc | 2u << 10, 2, ram_base, ram_base + 0x200);  // byte to word
    pass(20 * us);
    EXPECT_EQ(chip_.ram[0x100], 0x12);
    EXPECT_EQ(chip_.ram[0x200], 0x12);
    EXPECT_EQ(chip_.ram[0x201], 0);
    EXPECT_EQ(chip_.ram[0x204], 0x34);
}

TEST_F(DmaTest, ServesTheHigherPriorityFirst) {  // 13.3.2
    set_up(1, mem2mem | pinc | minc, 10, ram_base, ram_base + 0x100);
    set_up(2, mem2mem | pinc | minc | 3u << 12, 10, ram_base, ram_base + 0x200);
    put(ccr(1), get(ccr(1)) | en);
    put(ccr(2), get(ccr(2)) | en);
    pass(4 * us);
    EXPECT_GE(get(ccr(1) + 4), 9u);
    EXPECT_LT(get(ccr(2) + 4), 7u);
}

TEST_F(DmaTest, StopsAtABusError) {  // 13.3.5
    set_up(3, en | mem2mem | pinc | minc | teie, 4, 0x6000'0000, ram_base);
    pass(20 * us);
    EXPECT_EQ(get(isr) >> 8 & 0xf, 9u);
    EXPECT_EQ(get(ccr(3)) & en, 0u);
    EXPECT_TRUE(chip_.exceptions.state.pending[first_irq + 13]);
    EXPECT_EQ(chip_.services.fault, Fault::none) << "the core does not notice";
}

TEST_F(DmaTest, DoesNotReachTheCoresOwnRegisters) {  // 2.1
    set_up(1, en | mem2mem | minc, 1, 0xe000'ed00, ram_base);
    pass(20 * us);
    EXPECT_EQ(get(isr) & 8, 8u);
}

TEST_F(DmaTest, TakesNoSettingsWhileItIsEnabled) {  // 13.4.3 to 13.4.6
    set_up(1, en, 4, ram_base, ram_base + 0x100);
    put(ccr(1) + 4, 9);
    put(ccr(1) + 8, 0);
    EXPECT_EQ(get(ccr(1) + 4), 4u);
    EXPECT_EQ(get(ccr(1) + 8), ram_base);
    EXPECT_EQ(complaints(), 2u);
}

TEST_F(DmaTest, WaitsForARequest) {
    set_up(4, en | from_memory | minc, 4, 0x4001'3804, ram_base);  // USART1_TX
    pass(50 * us);
    EXPECT_EQ(get(ccr(4) + 4), 4u);
}

}  // namespace
}  // namespace sim::chip
